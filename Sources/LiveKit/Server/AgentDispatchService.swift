import Fetch
import JSON

/// Sends agents into rooms.
package struct AgentDispatchService: Sendable {
    private let twirp: TwirpClient

    /// - Parameter now: milliseconds since 1970.
    package init(
        fetch: FetchClient, url: ServerURL, key: APIKey, timing: ServerTiming = ServerTiming(),
        now: @escaping @Sendable () -> Int64
    ) {
        twirp = TwirpClient(fetch: fetch, url: url, key: key, timing: timing, now: now)
    }

    /// Makes the room too, if it is missing. Twice is two agents: what may have gone out is not sent again, so after an
    /// error that leaves it open look at `list`.
    package func create(
        _ agent: AgentRequest, in room: String
    ) async throws(ServerError) -> AgentDispatch {
        var body: JSONObject = ["agent_name": .string(agent.name), "room": .string(room)]
        body["metadata"] = agent.metadata.map { .string($0) }
        let reply = try await twirp.call(
            "AgentDispatchService/CreateDispatch", body, .admin(of: room), repetition: .unsent)
        guard let dispatch = AgentDispatch(reply) else { throw .unexpected(status: 200, "no dispatch") }
        return dispatch
    }

    /// - Throws: `nobodyInRoom`, after three seconds.
    package func list(in room: String) async throws(ServerError) -> [AgentDispatch] {
        let reply = try await twirp.call(
            "AgentDispatchService/ListDispatch", ["room": .string(room)], .admin(of: room), silence: true)
        return try RoomService.list("agent_dispatches", of: reply).compactMap { AgentDispatch($0) }
    }

    /// - Throws: `notFound` when there is no such dispatch, `nobodyInRoom` when the room is empty or gone.
    package func delete(_ id: String, in room: String) async throws(ServerError) {
        let body: JSONObject = ["dispatch_id": .string(id), "room": .string(room)]
        _ = try await twirp.call(
            "AgentDispatchService/DeleteDispatch", body, .admin(of: room), repetition: .endsNotFound, silence: true)
    }
}
