import JSON
import LiveKit
import Logging
import SQL

/// Brings LiveKit up to date on one room: the room with its metadata, an agent for a customer who writes, and what
/// happened for those who are there. Everything it does may be done twice; while LiveKit is away it waits, and stands for
/// all that happens in the room meanwhile.
struct LiveKitRoomJob: JobHandler {
    let database: Database
    let events: EventReader
    /// None when LiveKit is not set up any more.
    let server: LiveKitServer?
    /// For accounts that have none of their own.
    let agentName: String?
    let clock: Clock
    let counters: LiveKitMetrics
    let logger: Logger

    private static let page = 200
    /// How long what is known of the room's presence is believed.
    private static let trust: Milliseconds = 5 * .second
    /// What is older than this reaches those in the room when they read the store: they have come since, or know from
    /// the sequence that they missed something.
    private static let mirrored: Milliseconds = 2 * .minute
    /// For an agent to come, before another one is sent for.
    private static let agentPause: Milliseconds = 30 * .second
    /// By then an agent that was sent for without our hearing of it is seen in the room.
    private static let firstRetry: Duration = .seconds(5)
    private static let longestRetry: Duration = .seconds(30)

    static func job(_ room: RoomName, of account: AccountID, from position: Int64, at now: Milliseconds) -> Job {
        Job(
            kind: .liveKit, account: account, lane: lane(room), position: position,
            payload: ["room": .string(room.rawValue), "after": .integer(position - 1)], runAt: now, createdAt: now)
    }

    /// Takes the room of an erased customer out of LiveKit's memory, where its metadata has the number, and agents what was
    /// said. It has its place behind whatever was to be told of that room.
    static func deletion(
        _ room: RoomName, of account: AccountID, at now: Milliseconds, _ session: SQLSession
    ) throws -> Job {
        let last = try EventLog.last(session)
        return Job(
            kind: .liveKit, account: account, lane: lane(room), position: last,
            payload: ["room": .string(room.rawValue), "after": .integer(last), "delete": true], runAt: now,
            createdAt: now)
    }

    private static func lane(_ room: RoomName) -> String { "livekit:\(room.rawValue)" }

    func run(_ job: Job) async throws -> JobVerdict? {
        guard let server, let (name, start) = Self.payload(job) else { return .done }
        do {
            if job.payload["delete"]?.bool == true { return try await delete(name, job, server) }
            while true {
                guard var visit = try await RoomVisit.find(name, start: start, agent: agentName, database) else {
                    return .done
                }
                let page = try await events.read(
                    after: visit.position, EventFilter(room: name), limit: Self.page)
                guard let end = page.end else { return .done }
                try await perform(page.events, &visit, server)
                try await visit.store(position: end, in: database)
                if page.isLast { return .done }
            }
        } catch is Gone {
            return .done
        } catch let error as ServerError {
            return verdict(on: error, job)
        }
    }

    /// The room was erased while LiveKit was told of it.
    private struct Gone: Error {}

    /// What has failed for good is not tried again with the next event.
    func abandon(_ job: Job, reason: String, isInFlight: Bool, _ session: SQLSession) throws {
        guard let (name, _) = Self.payload(job) else { return }
        try RoomVisit.skip(name, upTo: try EventLog.last(session), session)
    }

    private static func payload(_ job: Job) -> (RoomName, Int64)? {
        guard let room = job.payload["room"]?.string, let after = job.payload["after"]?.int else { return nil }
        return (RoomName(rawValue: room), after)
    }

    /// Once deleted it is not deleted again: a customer who wrote meanwhile has a new room of that name, for which another
    /// job follows.
    private func delete(_ name: RoomName, _ job: Job, _ server: LiveKitServer) async throws -> JobVerdict? {
        do throws(ServerError) {
            try await server.rooms.delete(name.rawValue)
        } catch .notFound {
            // It is gone, as it was to be.
        }
        let now = clock.now()
        try await database.transaction { session in
            guard try JobQueue.finish(job, .done, at: now, session) else { return }
            try session.execute(
                "UPDATE livekit_rooms SET sid = NULL, checked_at = 0 WHERE room_name = $1", [.text(name.rawValue)])
            let next = Self.job(name, of: job.account, from: job.position + 1, at: now)
            try JobQueue.insert([next], unless: .laneWaits, session)
        }
        return nil
    }

    private func perform(_ events: [Event], _ visit: inout RoomVisit, _ server: LiveKitServer) async throws {
        let now = clock.now()
        let wants = RoomWants(events, of: visit.room, at: now, telling: Self.mirrored)
        guard wants.anything else { return }
        func isStale() -> Bool { visit.checkedAt <= now - Self.trust }
        if wants.room, visit.sid == nil || isStale() { try await ensure(&visit, server, wants) }
        if isStale() { try await look(&visit, server) }
        try await mirror(wants.told, &visit, server)
        if wants.agent { try await sendForAgent(&visit, server) }
    }

    /// Makes the room where LiveKit never had it or has forgotten it, and its metadata right.
    private func ensure(_ visit: inout RoomVisit, _ server: LiveKitServer, _ wants: RoomWants) async throws {
        let room = visit.room
        let known = try await server.rooms.rooms([room.name.rawValue]).first
        let agents = wants.agent ? visit.agent.map { [AgentRequest(name: $0)] } ?? [] : []
        let configuration = room.liveKitConfiguration(agents: agents)
        let there: LiveKit.Room
        if let known { there = known } else { there = try await server.rooms.create(room.name.rawValue, configuration) }
        if known == nil {
            counters.roomsMade.increment()
            // Made with its agents: they are on their way.
            if !agents.isEmpty { visit.dispatchedAt = clock.now() }
        }
        if there.metadata != room.liveKitMetadata {
            try await server.rooms.updateMetadata(of: room.name.rawValue, to: room.liveKitMetadata)
        }
        // Who is in another room than the one known so far, has to be asked.
        if visit.sid != there.sid { visit.checkedAt = 0 }
        visit.sid = there.sid
        let dispatchedAt = visit.dispatchedAt
        let now = clock.now()
        let isThere = try await database.transaction { session in
            guard try RoomLock.keep(room.name, session) else {
                // Whoever erased it may not have known that LiveKit has it.
                try JobQueue.insert([Self.deletion(room.name, of: room.account, at: now, session)], session)
                return false
            }
            try Presence.note(sid: there.sid, of: room.name, session)
            try RoomVisit.note(dispatchedAt: dispatchedAt, of: room.name, session)
            return true
        }
        guard isThere else { throw Gone() }
    }

    private func look(_ visit: inout RoomVisit, _ server: LiveKitServer) async throws {
        let asked = clock.now()
        guard let found = try await Presence.look(into: visit.room.name, server, database, clock) else { throw Gone() }
        visit.participants = found
        visit.checkedAt = asked
    }

    /// Unless somebody is there who answers, or was sent for just now.
    private func sendForAgent(_ visit: inout RoomVisit, _ server: LiveKitServer) async throws {
        guard let agent = visit.agent, !visit.participants.contains(where: \.isAgent),
            visit.dispatchedAt <= clock.now() - Self.agentPause
        else { return }
        _ = try await server.dispatches.create(AgentRequest(name: agent), in: visit.room.name.rawValue)
        counters.dispatches.increment()
        visit.dispatchedAt = clock.now()
        let (name, dispatchedAt) = (visit.room.name, visit.dispatchedAt)
        try await database.transaction { session in
            try RoomVisit.note(dispatchedAt: dispatchedAt, of: name, session)
        }
    }

    private func mirror(_ events: [Event], _ visit: inout RoomVisit, _ server: LiveKitServer) async throws {
        let name = visit.room.name.rawValue
        // The gateway itself has no use for them.
        guard visit.participants.contains(where: { $0.identity != name }) else { return }
        for event in events where try await !mirror(event, in: name, server) { return try await look(&visit, server) }
    }

    /// - Returns: false when nobody is in the room.
    private func mirror(_ event: Event, in room: String, _ server: LiveKitServer) async throws(ServerError) -> Bool {
        do {
            try await server.rooms.sendData(event.liveKitPacket, topic: "vestibule", to: room, nonce: event.nonce)
            counters.mirrored.increment()
            return true
        } catch .nobodyInRoom {
            return false
        }
    }

    private func verdict(on error: ServerError, _ job: Job) -> JobVerdict {
        counters.failures.increment()
        switch error {
        case .unauthenticated, .unavailable, .unreachable, .notFound, .nobodyInRoom:
            if job.attempts == 0 {
                logger.warning(
                    "LiveKit can't be told", metadata: ["job.id": "\(job.id)", "cause": "\(error.summary)"])
            }
            let pause = min(Self.longestRetry, Self.firstRetry * (1 << min(job.attempts, 3)))
            return .retry(after: pause, reason: error.summary)
        case .refused, .unexpected: return .giveUp(reason: error.summary)
        }
    }
}
