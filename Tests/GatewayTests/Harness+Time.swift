import JSON
import SQL
import Testing

@testable import Gateway

extension Harness {
    /// Brings messages in at once, whether the services run or not.
    func store(_ messages: [JSON]) async throws {
        try await store(webhooks: [Self.webhook(["messages": .array(messages)])])
    }

    func store(webhooks: [JSON]) async throws {
        let now = clock.now
        let received = webhooks.map { ReceivedWebhook(body: $0.encoded(), receivedAt: now) }
        let transaction = gateway.ingest.writer.transaction
        _ = try await database.transaction { session in try transaction.run(received, at: now, session) }
    }

    /// Waits, with the clock standing still, until something is so.
    func wait(
        _ what: String, at place: SourceLocation = #_sourceLocation, until isSo: () async throws -> Bool
    ) async throws {
        // Only a bound against hanging: nothing is concluded from how long it took.
        let deadline = ContinuousClock.now + .seconds(540)
        while try await !isSo() {
            if ContinuousClock.now > deadline {
                let jobs = try await openJobs()
                try #require(Bool(false), "\(what); \(jobs)", sourceLocation: place)
            }
            try await Task.sleep(for: .milliseconds(10))
        }
    }

    /// What the jobs wait for, in words.
    private func openJobs() async throws -> String {
        let jobs = try await database.read { session in
            let sql = "SELECT kind, state, run_at, attempts, behind, last_error FROM jobs ORDER BY run_at"
            return try session.query(sql).map {
                """
                \(try $0.text("kind")) \(try $0.text("state")) in \(try $0.integer("run_at") - clock.now) ms, \
                \(try $0.integer("attempts")) attempts, behind \(try $0.bool("behind")): \
                \(try $0.textOrNil("last_error") ?? "no error")
                """
            }
        }
        return jobs.isEmpty ? "no jobs" : jobs.joined(separator: "; ")
    }

    /// Lets the time pass from one due job to the next until something is so. While a job runs the clock stands.
    func pass(
        _ what: String, at place: SourceLocation = #_sourceLocation, until isSo: () async throws -> Bool
    ) async throws {
        try await wait(what, at: place) {
            if try await isSo() { return true }
            if case .until(let due?) = try await work() {
                clock.advance(by: .milliseconds(due - clock.now))
                gateway.jobs.signal.raise()
            }
            return false
        }
    }

    enum Work {
        case underWay
        /// Nothing happens before then; nil: nothing is left to do.
        case until(Milliseconds?)
    }

    /// In one look, so that a job which is taken up meanwhile is seen before or after it.
    func work() async throws -> Work {
        try await database.read { session in
            let row = try session.query(
                """
                SELECT COUNT(CASE WHEN state = 'running' OR run_at <= $1 THEN 1 END) AS busy, MIN(run_at) AS due FROM jobs j
                WHERE state <> 'dead' AND NOT EXISTS (
                    SELECT 1 FROM jobs earlier
                    WHERE earlier.lane = j.lane AND earlier.state <> 'dead'
                    AND (earlier.position < j.position OR earlier.position = j.position AND earlier.job_id < j.job_id))
                """, [.integer(clock.now)])[0]
            return try row.integer("busy") > 0 ? .underWay : .until(try row.integerOrNil("due"))
        }
    }

    func message(_ whatsappID: String) async throws -> Message {
        let store = MessageStore(isMirrored: false)
        let found = try await database.read { session in
            let id = try session.query(
                "SELECT message_id FROM whatsapp_messages WHERE whatsapp_message_id = $1", [.text(whatsappID)]
            ).first?.text("message_id")
            return try id.flatMap { try store.find([MessageID(rawValue: $0)], session).first }
        }
        return try #require(found, "no message \(whatsappID)")
    }

    /// Moves a change through the store, as the services do.
    func change(_ id: MessageID, _ body: @Sendable (inout Message) -> Void) async throws {
        let store = MessageStore(isMirrored: settings.mongoURI != nil)
        let now = clock.now
        try await database.transaction { session in
            try store.change(id, at: now, session) { message in
                body(&message)
                return true
            }
        }
    }
}
