import SQL

/// What became of dead jobs that were to be tried again.
package struct RequeueReport: Sendable {
    package let requeued: Int
    /// Those that must not run again, as when a message may have reached the customer.
    package let refused: Int
    /// Where to go on, when there are more than were looked at.
    package let nextAfter: String?
}

extension JobService {
    /// Gives a dead job its tries back, at its old place in its lane: it runs at once.
    ///
    /// A `send` goes out again only if it is certain that WhatsApp did not take the message: it is `failed`, has no
    /// WhatsApp id, and no answer was ever lost. The message becomes `pending`, or its media if it is a `fetch_media`.
    /// - Throws: `.notFound`; `.conflict` for a job that is not dead, or must not run again.
    package func requeue(_ id: String) async throws(GatewayError) -> JobSummary {
        do {
            let job = try await revive(id)
            wake()
            return job
        } catch {
            throw GatewayError(wrapping: error)
        }
    }

    /// Requeues dead jobs, the oldest first, so that each lane keeps its order.
    /// - Parameters:
    ///   - limit: looks at so many at most.
    ///   - after: `nextAfter` of the call before.
    package func requeueAll(
        _ scope: JobScope, limit: Int, after: String? = nil
    ) async throws(GatewayError) -> RequeueReport {
        do {
            let rows = try await database.read { session in
                try session.query(
                    """
                    SELECT job_id, position, created_at FROM jobs
                    WHERE state = 'dead' AND job_id > $1 AND ($2 = '' OR account_id = $2) AND ($3 = '' OR kind = $3)
                    ORDER BY job_id LIMIT $4
                    """,
                    [
                        .text(after ?? ""), .text(scope.columns.account), .text(scope.columns.kind),
                        .integer(Int64(limit) + 1),
                    ]
                ).map { (try $0.integer("created_at"), try $0.integer("position"), try $0.text("job_id")) }
            }
            var requeued = 0
            let page = rows.prefix(limit)
            // Ids of one millisecond have no order of their own.
            for (_, _, id) in page.sorted(by: <) {
                do {
                    _ = try await revive(id)
                    requeued += 1
                } catch let error as GatewayError where [.conflict, .notFound].contains(error.code) {
                    // It must not run again, or somebody else has just requeued it: it counts as refused.
                    continue
                }
            }
            if requeued > 0 { wake() }
            return RequeueReport(
                requeued: requeued, refused: page.count - requeued, nextAfter: rows.count > limit ? page.last?.2 : nil)
        } catch {
            throw GatewayError(wrapping: error)
        }
    }

    private func revive(_ id: String) async throws -> JobSummary {
        let now = clock.now()
        return try await database.transaction { session in
            guard let row = try session.query("SELECT * FROM jobs WHERE job_id = $1", [.text(id)]).first else {
                throw Self.unknown
            }
            let state = try row.text("state")
            guard state == "dead" else {
                throw GatewayError(.conflict, "the job is \(state); only a dead one is requeued")
            }
            guard let job = try Job(row) else {
                throw GatewayError(.conflict, "this version of the program does not know jobs of this kind")
            }
            try reopenMessage(of: job, at: now, session)
            let revived = try session.execute(
                """
                UPDATE jobs SET state = 'open', attempts = 0, pauses = 0, failures = 0, in_flight = FALSE, behind = FALSE,
                    run_at = $2, updated_at = $2
                WHERE job_id = $1 AND state = 'dead' {notify \(JobQueue.channel)}
                """, [.text(id), .integer(now)])
            guard revived == 1 else { throw GatewayError(.conflict, "the job was just requeued by somebody else") }
            return try Self.summary(id, session)
        }
    }

    private func reopenMessage(of job: Job, at now: Milliseconds, _ session: SQLSession) throws {
        guard job.kind == .send || job.kind == .fetchMedia else { return }
        var isFound = false
        if let id = job.messageID {
            try messages.change(id, at: now, session) { message in
                isFound = true
                switch job.kind {
                case .send: return try message.reopen(wasInFlight: job.wasInFlight)
                default: return try message.reopenMedia()
                }
            }
        }
        guard isFound else { throw GatewayError(.conflict, "the job's message is gone") }
    }
}

extension Message {
    /// Back to `pending`, if it is certain that WhatsApp never took it.
    fileprivate mutating func reopen(wasInFlight: Bool) throws -> Bool {
        let isDoubtful = wasInFlight || failure?.isDoubtful == true
        guard !isDoubtful, status != .unknown else {
            throw GatewayError(
                .conflict, "a request of this message went out and its answer was lost; the customer may have it")
        }
        guard whatsappMessageID == nil, [.pending, .failed].contains(status) else {
            throw GatewayError(.conflict, "WhatsApp has taken this message; it is \(status.rawValue)")
        }
        status = .pending
        failure = nil
        failedAt = nil
        return true
    }

    fileprivate mutating func reopenMedia() throws -> Bool {
        guard media.status != .ready else { throw GatewayError(.conflict, "the file is there already") }
        media.status = .pending
        media.reason = nil
        return true
    }
}
