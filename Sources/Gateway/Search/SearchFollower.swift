import Logging
import SQL
import ServiceLifecycle

/// Keeps the search index up with the list of events, and brings in what was there before the index, the newest first.
/// Where it has come to stands in the database and moves with what it indexes: nothing is missed by a restart, and of
/// several gateways one at a time goes on.
struct SearchFollower: Service {
    let database: Database
    let clock: Clock
    let counters: SearchMetrics
    let logger: Logger
    private let signal = Signal()

    /// Short steps: the commits of webhooks wait for what one of these writes.
    private static let page: Int64 = 50
    /// A message is found after about this long.
    private static let poll: Duration = .milliseconds(500)
    private static let pauseAfterFailure: Duration = .seconds(5)

    init(database: Database, clock: Clock, counters: SearchMetrics, logger: Logger) {
        self.database = database
        self.clock = clock
        self.counters = counters
        self.logger = logger
    }

    func run() async throws {
        var pace = SearchPace()
        await repeatUntilStopped(waking: signal) { _ in
            let rest = await advance(&pace)
            await signal.wait(atMost: rest)
        }
    }

    /// - Returns: how long to wait.
    private func advance(_ pace: inout SearchPace) async -> Duration {
        do {
            let state = try await database.read { session in try SearchProgress.find(session) }
            guard let state else { return Self.poll }
            pace.look(state.last, at: .now)
            counters.behind.set(Double(state.last - state.position))
            guard state.hasMore else { return Self.poll }
            let start = ContinuousClock.now
            let step = try await step()
            let rest = pace.rest(after: .now - start, age: clock.now() - (step.oldest ?? clock.now()))
            return step.isFull ? rest : Self.poll
        } catch {
            let cause = GatewayError(wrapping: error)
            logger.warning("search is brought up to date later", metadata: ["cause": "\(cause.cause ?? cause.message)"])
            return Self.pauseAfterFailure
        }
    }

    struct Step: Sendable {
        /// There is more to do.
        var isFull = false
        /// When the first event was made that it went through.
        var oldest: Milliseconds?
    }

    /// Goes through some events, and where there are no more, through what is older than the index.
    func step() async throws -> Step {
        let (step, count) = try await database.transaction { session in
            guard var progress = try SearchProgress.find(session, "{for update skip locked}") else {
                return (Step(), 0)
            }
            let index = SearchIndex(session: session)
            let before = progress
            var step = Step()
            var count = 0
            if progress.position < progress.last { count = try follow(&progress, index, &step, session) }
            if !step.isFull {
                count += try catchUp(&progress, index, session)
                step.isFull = progress.isCatchingUp
            }
            if progress != before { try progress.store(session) }
            return (step, count)
        }
        counters.indexed.increment(by: count)
        return step
    }

    private func follow(
        _ progress: inout SearchProgress, _ index: SearchIndex, _ step: inout Step, _ session: SQLSession
    ) throws -> Int {
        let rows = try session.query(
            """
            SELECT position, type, room_name, message_id, timestamp FROM events WHERE position > $1
            ORDER BY position LIMIT $2
            """, [.integer(progress.position), .integer(Self.page)])
        var rooms: Set<String> = []
        for row in rows where Self.tellsOfRoom.contains(try row.text("type")) {
            if let room = try row.textOrNil("room_name") { rooms.insert(room) }
        }
        let count = try index.index(messages: rows.compactMap { try $0.textOrNil("message_id") })
        try index.index(rooms: rooms)
        step.oldest = try rows.first?.integer("timestamp")
        step.isFull = rows.count == Int(Self.page)
        // The last ones may have been erased.
        let end = try rows.last?.integer("position") ?? 0
        progress.position = step.isFull ? end : max(end, progress.last)
        return count
    }

    /// A customer's message may bring a new name.
    private static let tellsOfRoom: Set<String> = Set(
        [Event.Kind.roomCreated, .roomUpdated, .messageReceived].map(\.rawValue))

    private func catchUp(
        _ progress: inout SearchProgress, _ index: SearchIndex, _ session: SQLSession
    ) throws -> Int {
        if let before = progress.messagesBefore {
            let ids = try session.query(
                "SELECT message_id FROM chat_messages WHERE message_id < $1 ORDER BY message_id DESC LIMIT $2",
                [.text(before), .integer(Self.page)]
            ).map { try $0.text("message_id") }
            progress.messagesBefore = ids.count < Int(Self.page) ? nil : ids.last
            return try index.index(messages: ids)
        }
        if let after = progress.roomsAfter {
            let names = try session.query(
                "SELECT room_name FROM rooms WHERE room_name > $1 ORDER BY room_name LIMIT $2",
                [.text(after), .integer(Self.page)]
            ).map { try $0.text("room_name") }
            progress.roomsAfter = names.count < Int(Self.page) ? nil : names.last
            try index.index(rooms: names)
        }
        return 0
    }
}
