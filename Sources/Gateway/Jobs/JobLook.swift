import SQL

/// What a look at the table found: whose jobs are due, and when there will be something again.
/// It costs a few index look-ups for each account that has open jobs, however many those are.
struct JobLook: Sendable {
    /// Streams with something due that nothing holds back, the longest due first.
    private(set) var due: [JobStream] = []
    /// When the next job is due that is not yet, or the next lease runs out.
    private(set) var next: Milliseconds?
    /// A holder's lease ran out.
    private(set) var hasExpired = false

    init(at now: Milliseconds, _ session: SQLSession) throws {
        var waiting: [(due: Milliseconds, stream: JobStream)] = []
        for row in try session.query(Self.query) {
            guard let time = try row.integerOrNil("due") else { continue }
            guard let account = try row.textOrNil("account_id").map(AccountID.init(rawValue:)) else {
                if time < now { hasExpired = true } else { next = min(next ?? .max, time + 1) }
                continue
            }
            // What this version does not know stays for one that does.
            guard let kind = Job.Kind(rawValue: try row.text("kind")), try !row.bool("held") else { continue }
            var start = time
            if kind.needsAccount {
                guard try row.textOrNil("status") != "paused" else { continue }
                start = max(start, try row.integerOrNil("paused_until") ?? 0)
            }
            let plan = try row.textOrNil("plan").flatMap(AccountPlan.init(rawValue:)) ?? .standard
            if start <= now {
                waiting.append((time, JobStream(account: account, kind: kind, plan: plan)))
            } else {
                next = min(next ?? .max, start)
            }
        }
        due = waiting.sorted { $0.due < $1.due }.map(\.stream)
    }

    /// The accounts are found by stepping through the index from one to the next. The least of something is asked for as
    /// the first in order, which the index gives at once, also where PostgreSQL made its plan when there was hardly a job.
    static let query = """
        WITH RECURSIVE active (account_id) AS (
            SELECT (SELECT account_id FROM jobs WHERE state = 'open' AND NOT behind ORDER BY account_id LIMIT 1)
            UNION ALL
            SELECT (
                SELECT j.account_id FROM jobs j
                WHERE j.state = 'open' AND NOT j.behind AND j.account_id > active.account_id
                ORDER BY j.account_id LIMIT 1)
            FROM active WHERE active.account_id IS NOT NULL
        ), kinds (kind) AS (VALUES \(Job.Kind.allCases.map { "('\($0.rawValue)')" }.joined(separator: ", ")))
        SELECT active.account_id, kinds.kind, a.plan, a.status, a.paused_until,
            (SELECT j.run_at FROM jobs j
                WHERE j.account_id = active.account_id AND j.kind = kinds.kind AND j.state = 'open' AND NOT j.behind
                ORDER BY j.run_at LIMIT 1) AS due,
            EXISTS (SELECT 1 FROM job_pauses p
                WHERE p.account_id IN ('', active.account_id) AND p.kind IN ('', kinds.kind)) AS held
        FROM active CROSS JOIN kinds LEFT JOIN tenant_whatsapp_config a ON a.account_id = active.account_id
        WHERE active.account_id IS NOT NULL
        UNION ALL
        SELECT NULL, NULL, NULL, NULL, NULL,
            (SELECT leased_until FROM jobs WHERE state = 'running' ORDER BY leased_until LIMIT 1), FALSE
        """
}
