import Fetch
import Foundation
import JSON

/// LiveKit's rooms, from outside. Every call may be repeated without harm, and is, a little, when the server can't be
/// reached.
package struct RoomService: Sendable {
    private let twirp: TwirpClient

    /// - Parameter now: milliseconds since 1970.
    package init(
        fetch: FetchClient, url: ServerURL, key: APIKey, timing: ServerTiming = ServerTiming(),
        now: @escaping @Sendable () -> Int64
    ) {
        twirp = TwirpClient(fetch: fetch, url: url, key: key, timing: timing, now: now)
    }

    /// Makes a room. One that exists is given back as it is, and `configuration` says nothing to it: compare the
    /// metadata, and update it.
    package func create(_ name: String, _ configuration: RoomConfiguration) async throws(ServerError) -> Room {
        var body = configuration.json
        body["name"] = .string(name)
        guard let room = Room(try await twirp.call("RoomService/CreateRoom", body, .create)) else {
            throw .unexpected(status: 200, "no room")
        }
        return room
    }

    /// - Parameter names: of the rooms asked for; nil for all.
    package func rooms(_ names: [String]? = nil) async throws(ServerError) -> [Room] {
        if names == [] { return [] }
        var body: JSONObject = [:]
        body["names"] = names.map { .array($0.map { .string($0) }) }
        let reply = try await twirp.call("RoomService/ListRooms", body, .list)
        return try Self.list("rooms", of: reply).compactMap { Room($0) }
    }

    /// - Throws: `notFound` when there is no such room.
    package func updateMetadata(of room: String, to metadata: String) async throws(ServerError) {
        let body: JSONObject = ["room": .string(room), "metadata": .string(metadata)]
        _ = try await twirp.call("RoomService/UpdateRoomMetadata", body, .admin(of: room))
    }

    /// Throws out who is in it.
    /// - Throws: `notFound` when there is no such room.
    package func delete(_ room: String) async throws(ServerError) {
        _ = try await twirp.call(
            "RoomService/DeleteRoom", ["room": .string(room)], .create, repetition: .endsNotFound)
    }

    /// Empty for a room that doesn't exist.
    package func participants(in room: String) async throws(ServerError) -> [ParticipantInfo] {
        let reply = try await twirp.call(
            "RoomService/ListParticipants", ["room": .string(room)], .admin(of: room))
        return try Self.list("participants", of: reply).compactMap { ParticipantInfo($0) }
    }

    /// Its token stays good: nothing keeps it from joining again.
    /// - Throws: `notFound` when it isn't there.
    package func remove(_ identity: String, from room: String) async throws(ServerError) {
        let body: JSONObject = ["room": .string(room), "identity": .string(identity)]
        _ = try await twirp.call(
            "RoomService/RemoveParticipant", body, .admin(of: room), repetition: .endsNotFound)
    }

    /// Sends a data packet to those in the room, reliably. It never becomes a text stream, whatever its topic.
    /// - Parameters:
    ///   - destinations: identities; none for everybody.
    ///   - nonce: 16 bytes; the same one again is not heard twice.
    /// - Throws: `nobodyInRoom`, after three seconds.
    package func sendData(
        _ data: [UInt8], topic: String, to room: String, destinations: [String] = [], nonce: UUID = UUID()
    ) async throws(ServerError) {
        let nonce = withUnsafeBytes(of: nonce.uuid) { Data($0) }
        var body: JSONObject = [
            "room": .string(room), "data": .string(Data(data).base64EncodedString()), "kind": "RELIABLE",
            "topic": .string(topic), "nonce": .string(nonce.base64EncodedString()),
        ]
        if !destinations.isEmpty { body["destination_identities"] = .array(destinations.map { .string($0) }) }
        _ = try await twirp.call("RoomService/SendData", body, .admin(of: room), silence: true)
    }

    static func list(_ name: String, of reply: JSON) throws(ServerError) -> [JSON] {
        switch reply[name] {
        case nil, .null: return []
        case .array(let items): return items
        default: throw .unexpected(status: 200, "no list")
        }
    }
}
