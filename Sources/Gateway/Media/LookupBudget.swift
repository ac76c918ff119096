import SQL

/// Meta blocks a number's lookups of media once 20 of them have failed within an hour. So that it never comes to that, a
/// lookup takes one of fifteen slots of its account and gives it back when it went well; one that failed keeps its slot
/// for an hour. The slots stand in the database: all gateways on it share them. How a lookup ended that a crash cut off
/// nobody knows; its slot comes back, or a few crashes would keep all media waiting for an hour.
struct LookupBudget: Sendable {
    let database: Database
    let clock: Clock

    static let slots: Int64 = 15
    /// A minute longer than Meta counts.
    static let period: Milliseconds = 3660 * .second
    /// One that is under way for longer was left by a crash.
    private static let longestLookup: Milliseconds = 60 * .second
    private static let soon: Milliseconds = .second

    struct Slot: Sendable, Hashable {
        fileprivate let account: AccountID
        fileprivate let number: Int64
        fileprivate let holder: String
    }

    enum Answer: Sendable, Hashable {
        case taken(Slot)
        /// When one may be free.
        case wait(Milliseconds)
    }

    func take(_ account: AccountID) async throws -> Answer {
        let (now, holder) = (clock.now(), MediaName.random())
        return try await database.transaction { session in
            if let slot = try Self.take(account, holder, at: now, session) { return .taken(slot) }
            let known = try session.query(
                "SELECT COUNT(*) AS slots FROM media_lookups WHERE account_id = $1", [.text(account.rawValue)]
            ).first?.integer("slots")
            if known == 0 {
                try Self.make(account, session)
                if let slot = try Self.take(account, holder, at: now, session) { return .taken(slot) }
            }
            return .wait(try Self.wait(account, at: now, session))
        }
    }

    private static func make(_ account: AccountID, _ session: SQLSession) throws {
        var rows = SQLRows([("account", .text), ("slot", .bigint)])
        for slot in 0..<slots { rows.append([.text(account.rawValue), .integer(slot)]) }
        _ = try session.batch(
            """
            INSERT INTO media_lookups (account_id, slot) SELECT r.account, r.slot FROM {rows} WHERE true
            ON CONFLICT DO NOTHING
            """, rows)
    }

    /// A time further ahead than any is ever set comes from a clock that has been set back since.
    private static func take(
        _ account: AccountID, _ holder: String, at now: Milliseconds, _ session: SQLSession
    ) throws -> Slot? {
        try session.query(
            """
            UPDATE media_lookups SET holder = $2, failed = FALSE, begun_at = $3, free_at = $4
            WHERE account_id = $1 AND slot = (
                SELECT slot FROM media_lookups
                WHERE account_id = $1 AND (free_at <= $3 OR free_at > $4 OR NOT failed AND begun_at <= $5)
                ORDER BY slot LIMIT 1 {for update skip locked})
            RETURNING slot
            """,
            [
                .text(account.rawValue), .text(holder), .integer(now), .integer(now + period),
                .integer(now - longestLookup),
            ]
        ).first.map { Slot(account: account, number: try $0.integer("slot"), holder: holder) }
    }

    private static func wait(_ account: AccountID, at now: Milliseconds, _ session: SQLSession) throws -> Milliseconds {
        let row = try session.query(
            """
            SELECT MIN(free_at) AS next,
                SUM(CASE WHEN NOT failed AND begun_at > $2 THEN 1 ELSE 0 END) AS under_way
            FROM media_lookups WHERE account_id = $1
            """, [.text(account.rawValue), .integer(now - longestLookup)]
        ).first
        guard let row, try row.integer("under_way") == 0 else { return soon }
        return max(soon, try row.integer("next") - now)
    }

    /// Meta answered the lookup, or never heard of it.
    func giveBack(_ slot: Slot) async throws { try await set(slot, "free_at = 0") }

    /// The slot stays taken.
    func keep(_ slot: Slot) async throws { try await set(slot, "failed = TRUE") }

    private func set(_ slot: Slot, _ change: String) async throws {
        try await database.transaction { session in
            _ = try session.execute(
                "UPDATE media_lookups SET \(change) WHERE account_id = $1 AND slot = $2 AND holder = $3",
                [.text(slot.account.rawValue), .integer(slot.number), .text(slot.holder)])
        }
    }
}
