import Gateway
import WhatsApp

extension MediaRules {
    private static let largest: Int64 = 10 << 30
    private static let units: [(name: String, bytes: Int64)] = [("KB", 1 << 10), ("MB", 1 << 20), ("GB", 1 << 30)]

    init(_ reader: inout SettingsReader) {
        self.init(allowsText: reader.flag(.mediaAllowText))
        for entry in reader.list(.mediaAllow) {
            let type = entry.lowercased()
            if Self.canAllow(type) {
                allowed.insert(type)
            } else if Self.isType(type) {
                reader.report(.mediaAllow, "\"\(type)\" can't be let in: a browser could run it")
            } else {
                reader.report(.mediaAllow, "expected types as application/zip, got \"\(entry.prefix(60))\"")
            }
        }
        for entry in reader.list(.mediaRefuse) {
            let name = entry.lowercased()
            if let kind = MediaKind(rawValue: name) {
                refusedKinds.insert(kind)
            } else if Self.isType(name) {
                refusedTypes.insert(name)
            } else {
                reader.report(
                    .mediaRefuse, "expected kinds (\(Self.kinds)) and types as image/gif, got \"\(entry.prefix(60))\"")
            }
        }
        for entry in reader.list(.mediaLimits) {
            guard let (kind, bytes) = Self.limit(entry) else {
                reader.report(
                    .mediaLimits,
                    "expected a kind (\(Self.kinds)) and its most bytes, at most 10GB, as document:20MB, got "
                        + "\"\(entry.prefix(60))\"")
                continue
            }
            limits[kind] = bytes
        }
    }

    private static let kinds = MediaKind.allCases.map(\.rawValue).joined(separator: ", ")

    /// A kind and bytes, as `image:5242880`, `image:5MB`.
    private static func limit(_ text: String) -> (MediaKind, Int64)? {
        let parts = text.split(separator: ":").map { $0.filter { !$0.isWhitespace } }
        guard parts.count == 2, let kind = MediaKind(rawValue: parts[0].lowercased()) else { return nil }
        let unit = units.first { parts[1].uppercased().hasSuffix($0.name) }
        guard let number = Int64(parts[1].dropLast(unit?.name.count ?? 0)), (1...largest).contains(number),
            case let (bytes, isOver) = number.multipliedReportingOverflow(by: unit?.bytes ?? 1), !isOver,
            bytes <= largest
        else { return nil }
        return (kind, bytes)
    }
}
