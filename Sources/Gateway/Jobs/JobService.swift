import SQL

package struct JobPage: Sendable {
    package let jobs: [JobSummary]
    /// For the next page; nil on the last one.
    package let nextBefore: String?
    package let pauses: [JobPause]
}

/// What operators do with jobs: look, hold back, let go.
package struct JobService: Sendable {
    let database: Database
    let messages: MessageStore
    let clock: Clock
    let wake: @Sendable () -> Void

    /// The newest jobs first.
    /// - Parameter before: `nextBefore` of the page before.
    package func list(
        _ scope: JobScope, state: JobSummary.State? = nil, limit: Int, before: String? = nil
    ) async throws(GatewayError) -> JobPage {
        do {
            return try await database.read { session in
                // The state stands in the text, so that the index of dead jobs serves.
                let rows = try session.query(
                    """
                    SELECT * FROM jobs
                    WHERE job_id < $1 AND ($2 = '' OR account_id = $2) AND ($3 = '' OR kind = $3)
                    \(state.map { "AND state = '\($0.rawValue)'" } ?? "")
                    ORDER BY job_id DESC LIMIT $4
                    """,
                    [
                        .text(before ?? Self.afterAll), .text(scope.columns.account), .text(scope.columns.kind),
                        .integer(Int64(limit) + 1),
                    ])
                let jobs = try JobSummary.read(Array(rows.prefix(limit)), session)
                return JobPage(
                    jobs: jobs, nextBefore: rows.count > limit ? jobs.last?.id : nil, pauses: try pauses(session))
            }
        } catch {
            throw GatewayError(wrapping: error)
        }
    }

    /// - Throws: `.notFound`: there is none, or it is done.
    package func find(_ id: String) async throws(GatewayError) -> JobSummary {
        do {
            return try await database.read { session in try Self.summary(id, session) }
        } catch {
            throw GatewayError(wrapping: error)
        }
    }

    /// Holds jobs back, on all gateways, until `resume`; those that run go on to their end.
    /// - Throws: `.notFound` for an account that is not there.
    package func pause(_ scope: JobScope) async throws(GatewayError) -> [JobPause] {
        try await change { session in
            if let account = scope.account {
                let known = try session.query(
                    "SELECT 1 AS one FROM tenant_whatsapp_config WHERE account_id = $1", [.text(account.rawValue)])
                guard !known.isEmpty else { throw GatewayError(.notFound, "no account has this name") }
            }
            try session.execute(
                "INSERT INTO job_pauses (account_id, kind, created_at) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING",
                [.text(scope.columns.account), .text(scope.columns.kind), .integer(clock.now())])
        }
    }

    /// Ends every pause within the scope: without an account those of all accounts, without a kind those of all kinds.
    /// - Returns: the pauses that are left; a wider one still holds back what it covers.
    package func resume(_ scope: JobScope) async throws(GatewayError) -> [JobPause] {
        try await change { session in
            try session.execute(
                "DELETE FROM job_pauses WHERE ($1 = '' OR account_id = $1) AND ($2 = '' OR kind = $2)",
                [.text(scope.columns.account), .text(scope.columns.kind)])
            try session.notify(JobQueue.channel)
        }
    }

    private func change(
        _ body: @Sendable (SQLSession) throws -> Void
    ) async throws(GatewayError) -> [JobPause] {
        do {
            let left = try await database.transaction { session in
                try body(session)
                return try pauses(session)
            }
            wake()
            return left
        } catch {
            throw GatewayError(wrapping: error)
        }
    }

    static func summary(_ id: String, _ session: SQLSession) throws -> JobSummary {
        let rows = try session.query("SELECT * FROM jobs WHERE job_id = $1", [.text(id)])
        guard let job = try JobSummary.read(rows, session).first else { throw unknown }
        return job
    }

    private func pauses(_ session: SQLSession) throws -> [JobPause] {
        try session.query("SELECT * FROM job_pauses ORDER BY account_id, kind").map { row in
            let account = try row.text("account_id")
            let kind = try row.text("kind")
            return JobPause(
                scope: JobScope(
                    storedAccount: account.isEmpty ? nil : AccountID(rawValue: account),
                    kind: kind.isEmpty ? nil : kind), since: try row.integer("created_at"))
        }
    }

    static let unknown = GatewayError(.notFound, "no job has this id; jobs that are done are not kept")
    /// Sorts after every id.
    static let afterAll = "g"
}
