import SQL

/// One of Meta's limits, kept in a row that all gateways on the database share. A token bucket, told by one time: when
/// there is room again. That time lies in the past while the limit rests, up to a whole burst.
struct SendLimit: Sendable {
    let key: String
    /// Microseconds that one place costs.
    let interval: Int64
    /// Places that a rest gives at once.
    let burst: Int64
    /// No limit asks for so long a wait, in microseconds: a time further ahead comes from a clock that has been set
    /// back since, and counts for nothing.
    private static let horizon: Int64 = 12_000_000

    enum Answer: Equatable {
        /// - Parameter refusals: how often Meta itself has refused since the last message that it took.
        case taken(refusals: Int64)
        case wait(Milliseconds)
    }

    /// Takes places, or says how long to wait; then none is taken. Holds the row until the transaction ends.
    func take(_ places: Int64 = 1, at now: Milliseconds, _ session: SQLSession) throws -> Answer {
        let now = now * 1000
        let taken = try session.query(
            """
            INSERT INTO send_limits (key, due) VALUES ($1, CAST($2 AS BIGINT) + CAST($3 AS BIGINT))
            ON CONFLICT (key) DO UPDATE SET due = CAST($3 AS BIGINT) +
                CASE WHEN send_limits.due BETWEEN $2 AND $4 THEN send_limits.due ELSE CAST($2 AS BIGINT) END
            WHERE send_limits.due <= $4 OR send_limits.due > $5
            RETURNING refusals
            """,
            [
                .text(key), .integer(now - (burst - 1) * interval), .integer(places * interval), .integer(now),
                .integer(now + Self.horizon),
            ])
        if let row = taken.first { return .taken(refusals: try row.integer("refusals")) }
        let due = try session.query("SELECT due FROM send_limits WHERE key = $1", [.text(key)]).first?.integer("due")
        return .wait(max(1, ((due ?? now) - now + 999) / 1000))
    }

    /// Meta itself has refused, so often now. How long to wait stands with the job, behind which its lane waits.
    func refuse(_ refusals: Int64, at now: Milliseconds, _ session: SQLSession) throws {
        _ = try session.execute(
            """
            INSERT INTO send_limits (key, due, refusals) VALUES ($1, $2, $3)
            ON CONFLICT (key) DO UPDATE SET refusals = excluded.refusals
            """, [.text(key), .integer(now * 1000), .integer(refusals)])
    }

    /// Meta takes messages again.
    func accept(_ session: SQLSession) throws {
        _ = try session.execute("UPDATE send_limits SET refusals = 0 WHERE key = $1", [.text(key)])
    }
}

extension SendLimit {
    /// Meta's pair rate: 45 messages at once to one customer, and then one in six seconds.
    static func pair(_ contact: ContactID) -> SendLimit {
        SendLimit(key: "pair:\(contact.rawValue)", interval: 6_000_000, burst: 45)
    }

    /// Meta's throughput of a business number. A short burst, as a second that held a whole one would hold twice the rate.
    static func number(_ account: AccountID, perSecond: Int) -> SendLimit {
        SendLimit(
            key: "number:\(account.rawValue)", interval: 1_000_000 / Int64(perSecond),
            burst: 1 + Int64(perSecond) / 20)
    }
}
