/// Which methods each path answers: tells a wrong method (405) from a wrong path (404).
struct RouteIndex: Sendable {
    private let entries: [(path: [Substring], methods: [String])]

    init(_ routes: [Route]) {
        var methods: [String: [String]] = [:]
        for route in routes {
            methods[route.path, default: []].append(route.method.rawValue)
            if route.method == .get { methods[route.path, default: []].append("HEAD") }
        }
        entries = methods.map { (Self.segments($0.key), $0.value.sorted()) }
    }

    /// - Returns: empty when no route has that path.
    func methods(for path: String) -> [String] {
        let segments = Self.segments(path)
        let matches = entries.filter { entry in
            entry.path.count == segments.count
                && zip(entry.path, segments).allSatisfy { $0.hasPrefix("{") || $0 == $1 }
        }
        // `/jobs/pause` is that path and no `/jobs/{id}`.
        let literal = matches.filter { !$0.path.contains { $0.hasPrefix("{") } }
        return Set((literal.isEmpty ? matches : literal).flatMap(\.methods)).sorted()
    }

    private static func segments(_ path: String) -> [Substring] {
        path.split(separator: "/")
    }
}
