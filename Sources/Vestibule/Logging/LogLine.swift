import JSON
import Logging

/// One log event, ready to be written.
struct LogLine: Sendable {
    let time: LogTime
    let level: Logger.Level
    let label: String
    let message: String
    let fields: Logger.Metadata

    /// `2026-01-31T12:00:00.123Z info message key=value key="a value"`, keys in order.
    var text: String {
        var line = "\(time.iso8601) \(level.rawValue) \(Self.escaped(message))"
        for (key, value) in fields.sorted(by: { $0.key < $1.key }) {
            line += " \(key)=\(Self.quoted(value.description))"
        }
        return line + "\n"
    }

    /// `{"time":…,"level":…,"logger":…,"message":…,"key":value…}`; a key of the first four's name gets a "_" in front.
    var json: String {
        var object: JSONObject = [
            "time": .string(time.iso8601), "level": .string(level.rawValue), "logger": .string(label),
            "message": .string(message),
        ]
        for (key, value) in fields.sorted(by: { $0.key < $1.key }) {
            object[object[key] == nil ? key : "_\(key)"] = Self.json(value)
        }
        return JSON.object(object).text + "\n"
    }

    private static func json(_ value: Logger.MetadataValue) -> JSON {
        switch value {
        case .string(let text): .string(text)
        case .stringConvertible(let value): .string(value.description)
        case .array(let values): .array(values.map(json))
        case .dictionary(let values):
            .object(JSONObject(values.sorted { $0.key < $1.key }.map { ($0.key, json($0.value)) }))
        }
    }

    private static func quoted(_ value: String) -> String {
        let escaped = escaped(value)
        let isPlain =
            !value.isEmpty && escaped == value
            && value.utf8.allSatisfy { $0 > 0x20 && $0 != UInt8(ascii: "\"") && $0 != UInt8(ascii: "=") }
        return isPlain ? value : "\"\(escaped.replacing("\"", with: "\\\""))\""
    }

    /// Without control characters, which could end the line or drive a terminal.
    private static func escaped(_ text: String) -> String {
        guard text.unicodeScalars.contains(where: isControl) else { return text }
        var escaped = ""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\n": escaped += "\\n"
            case "\t": escaped += "\\t"
            case "\r": escaped += "\\r"
            case let scalar where isControl(scalar): escaped += "\\u{\(String(scalar.value, radix: 16))}"
            default: escaped.unicodeScalars.append(scalar)
            }
        }
        return escaped
    }

    private static func isControl(_ scalar: Unicode.Scalar) -> Bool {
        scalar.value < 0x20 || (0x7F...0x9F).contains(scalar.value) || scalar.value == 0x2028 || scalar.value == 0x2029
    }
}
