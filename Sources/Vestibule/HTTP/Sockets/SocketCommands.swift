import Gateway
import JSON
import Logging
import SQL

/// What a client says over a socket: `{"type","id","data"}`, where `data` is the body that the same route would take, and
/// on a socket of all rooms `room`. Each is answered with the client's own `id`.
/// A class, as every open socket holds it.
final class SocketCommands: Sendable {
    private enum Kind: String, CaseIterable {
        case message, note, typing, read
    }

    private static let longestID = 128

    private let actions: RoomActions
    private let logger: Logger

    init(_ actions: RoomActions, logger: Logger) {
        self.actions = actions
        self.logger = logger
    }

    /// - Parameter room: the socket's; nil: each command names its own.
    func run(_ text: String, of room: RoomName?, requestID: String) async -> JSON {
        var id: JSON?
        do {
            let command = try Self.parse(text)
            id = try Self.id(command)
            try Self.checkFields(command)
            return Self.answer("ack", id, ["success": true, "data": try await perform(command, room)])
        } catch {
            let failure = RequestFailure(any: error, requestID: requestID)
            failure.log(logger, requestID: requestID)
            return Self.answer("error", id, failure.json.object ?? [:])
        }
    }

    private static func answer(_ type: String, _ id: JSON?, _ fields: JSONObject) -> JSON {
        var object: JSONObject = ["type": .string(type)]
        object["id"] = id
        for (name, value) in fields { object[name] = value }
        return .object(object)
    }

    private static func parse(_ text: String) throws(RequestFailure) -> JSON {
        let json: JSON
        do {
            json = try JSON(parsing: Array(text.utf8))
        } catch {
            throw .invalid("the message is not valid JSON: \(error.message) (at byte \(error.offset))")
        }
        guard case .object = json else { throw .invalid("a message must be a JSON object") }
        return json
    }

    private static func id(_ command: JSON) throws(RequestFailure) -> JSON? {
        guard let id = command["id"] else { return nil }
        guard let text = id.string, (1...longestID).contains(text.utf8.count) else {
            throw .invalid("`id` must be a text of 1 to \(longestID) bytes", field: "id")
        }
        return id
    }

    private static func checkFields(_ command: JSON) throws(RequestFailure) {
        for (name, _) in command.object ?? [:] where !["type", "id", "room", "data", "idempotencyKey"].contains(name) {
            throw .invalid(
                "`\(name.prefix(64))` is not a field here; known are type, id, room, data, idempotencyKey",
                field: String(name.prefix(64)))
        }
    }

    private func perform(_ command: JSON, _ room: RoomName?) async throws -> JSON {
        guard let kind = command["type"]?.string.flatMap(Kind.init(rawValue:)) else {
            let known = Kind.allCases.map(\.rawValue).joined(separator: ", ")
            throw RequestFailure.invalid("`type` must be one of \(known)", field: "type")
        }
        let name = try target(command, room)
        let data = command["data"] ?? [:]
        guard var fields = data.object else { throw RequestFailure.invalid("`data` must be an object", field: "data") }
        return try await Database.$patience.withValue(GatewayApplication.patience) {
            switch kind {
            case .message, .note:
                if kind == .note { fields["private"] = true }
                let key = try IdempotencyKey.check(command["idempotencyKey"]?.string, name: "idempotencyKey")
                return .object(
                    try await actions.say(.object(fields), in: name, idempotencyKey: key).roomFields(actions.mediaLinks)
                )
            case .typing: return try await actions.typing(name)
            case .read: return try await actions.markRead(name)
            }
        }
    }

    private func target(_ command: JSON, _ room: RoomName?) throws(RequestFailure) -> RoomName {
        guard let text = command["room"]?.string else {
            if let room { return room }
            throw .invalid("`room` must name a room", field: "room")
        }
        guard let name = RoomName(checking: text) else {
            throw .noSuchRoom
        }
        guard room == nil || room == name else { throw .invalid("this socket is of another room", field: "room") }
        return name
    }
}
