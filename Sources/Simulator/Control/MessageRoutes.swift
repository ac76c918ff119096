import JSON

/// `/sim/messages`: the log of both directions, with waiting.
struct MessageRoutes: Sendable {
    let core: SimulatorCore

    private struct Wanted: Sendable {
        var after: Int
        var limit: Int
        var fromBusiness: Bool?
        var phone: String?
        var type: String?
        var progress: Progress?
        var contains: String?

        func fits(_ message: ChatMessage) -> Bool {
            if let fromBusiness, message.fromBusiness != fromBusiness { return false }
            if let phone, message.phone != phone { return false }
            if let type, message.type != type { return false }
            if let progress, message.progress != progress { return false }
            if let contains, message.text?.contains(contains) != true, !message.content.contains(contains) {
                return false
            }
            return true
        }
    }

    func answer(_ call: Call, _ path: [String]) async throws(ControlError) -> Reply {
        switch (call.method, path.count) {
        case ("GET", 1): return try await list(call)
        case ("GET", 2):
            guard let message = core.exchange.withWorld({ $0.log[path[1]] }) else {
                throw .notFound("there is no message \(path[1])")
            }
            return .json(message.json)
        case ("POST", 3) where path[2] == "status": return try PhoneRoutes(core: core).setStatus(path[1], call)
        default: throw .notFound("/sim/messages knows GET, GET /{id} and POST /{id}/status")
        }
    }

    private func list(_ call: Call) async throws(ControlError) -> Reply {
        var wanted = Wanted(
            after: try call.number("after", 0...Int.max) ?? 0, limit: try call.number("limit", 1...1000) ?? 100)
        switch call.query["from"] {
        case nil, "business": wanted.fromBusiness = true
        case "customer": wanted.fromBusiness = false
        case "all": wanted.fromBusiness = nil
        default: throw .bad("`from` must be business, customer or all")
        }
        if let to = call.query["to"] { wanted.phone = try PhoneRoutes.address(to) }
        wanted.type = call.query["type"]
        wanted.contains = call.query["contains"]
        if let status = call.query["status"] {
            guard let progress = Progress(rawValue: status) else {
                throw .bad("`status` must be one of \(Progress.allCases.map(\.rawValue).joined(separator: ", "))")
            }
            wanted.progress = progress
        }
        let found = try await find(wanted, wait: .seconds(try call.number("wait", 0...60) ?? 0))
        return .json([
            "messages": .array(found.map(\.json)), "next": .int(found.last?.sequence ?? wanted.after),
        ])
    }

    private func find(_ wanted: Wanted, wait: Duration) async throws(ControlError) -> [ChatMessage] {
        var found = look(wanted)
        guard found.isEmpty, wait > .zero else { return found }
        guard let bell = core.bell.subscribe() else {
            throw ControlError(status: 429, code: "TOO_MANY_WAITING", message: "too many requests wait already")
        }
        defer { core.bell.unsubscribe(bell.id) }
        core.timers.after(wait) { [core] in core.bell.unsubscribe(bell.id) }
        // Once more, since something may have come between the first look and the subscription.
        found = look(wanted)
        guard found.isEmpty else { return found }
        for await _ in bell.rings {
            found = look(wanted)
            if !found.isEmpty { break }
            // Under load the bell rings thousands of times a second; a look goes through the log. When the request is
            // cancelled the loop ends by itself.
            try? await Task.sleep(for: .milliseconds(10))
        }
        return found
    }

    private func look(_ wanted: Wanted) -> [ChatMessage] {
        core.exchange.withWorld { world in
            var wanted = wanted
            // The phone may be known under a rewritten number.
            if let phone = wanted.phone {
                let key = world.phones[phone]?.key ?? phone
                wanted.phone = key
                let fitting = world.messages(of: key).filter { $0.sequence > wanted.after && wanted.fits($0) }
                return Array(fitting.prefix(wanted.limit))
            }
            return world.log.after(wanted.after, limit: wanted.limit, where: wanted.fits)
        }
    }
}
