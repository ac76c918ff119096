import Logging
import SQL
import Synchronization
import WhatsApp

/// The accounts, held in memory because each webhook and each send asks for one; the table is the truth.
package final class AccountDirectory: Sendable {
    private let database: Database
    private let clock: Clock
    private let logger: Logger
    private let accounts: Mutex<[AccountID: Account]>

    /// Writes the environment's account into the table and reads the table. The token of `default` stays in memory.
    /// - Parameter isServing: a start of the server is how an operator says that the account is in order again: a pause
    ///   ends then.
    static func open(
        _ configured: DefaultAccount?, isServing: Bool, database: Database, clock: Clock, logger: Logger
    ) async throws -> AccountDirectory {
        let now = clock.now()
        let accounts = try await database.transaction { session in
            try session.execute(
                """
                INSERT INTO tenant_whatsapp_config
                    (account_id, tenant_id, phone_number_id, business_account_id, status, created_at, updated_at)
                VALUES ($1, $1, $2, $3, 'active', $4, $4)
                ON CONFLICT (account_id) DO UPDATE SET
                    phone_number_id = COALESCE(excluded.phone_number_id, tenant_whatsapp_config.phone_number_id),
                    business_account_id =
                        COALESCE(excluded.business_account_id, tenant_whatsapp_config.business_account_id),
                    updated_at = excluded.updated_at
                """,
                [
                    .text(AccountID.default.rawValue), SQLValue(configured?.phoneNumberID),
                    SQLValue(configured?.businessAccountID), .integer(now),
                ])
            if isServing { try AccountPause.end(at: now, session) }
            return try session.query("SELECT * FROM tenant_whatsapp_config").map { row in
                let id = AccountID(rawValue: try row.text("account_id"))
                return Account(
                    id: id, phoneNumberID: try row.textOrNil("phone_number_id"),
                    businessAccountID: try row.textOrNil("business_account_id"),
                    token: id == .default ? configured?.accessToken : nil)
            }
        }
        return AccountDirectory(accounts, database: database, clock: clock, logger: logger)
    }

    private init(_ accounts: [Account], database: Database, clock: Clock, logger: Logger) {
        self.database = database
        self.clock = clock
        self.logger = logger
        self.accounts = Mutex(Dictionary(uniqueKeysWithValues: accounts.map { ($0.id, $0) }))
    }

    package func find(_ id: AccountID) -> Account? { accounts.withLock { $0[id] } }

    /// The account that Meta's `metadata.phone_number_id` names.
    func find(phoneNumberID: String) -> Account? {
        accounts.withLock { $0.values.first { $0.phoneNumberID == phoneNumberID } }
    }

    /// Stops the account's sends, on every gateway, until a start says that it is in order again; what is queued waits.
    func pause(_ id: AccountID, _ failure: MessageFailure) async throws {
        let pause = AccountPause(account: id, failure: failure, at: clock.now())
        let isNew = try await database.transaction { session in try pause.store(session) }
        if isNew { report(pause) }
    }

    func report(_ pause: AccountPause) {
        logger.error(
            "account paused: Meta refuses what it sends; mend the cause and start again",
            metadata: ["account.id": "\(pause.account.rawValue)", "reason": "\(pause.failure.reason)"])
    }

    /// Sets how many turns the account's jobs get when many wait; all gateways obey at once.
    /// - Throws: `.notFound` for an account that is not there.
    package func setPlan(_ plan: AccountPlan, of id: AccountID) async throws(GatewayError) {
        try await set("plan", .text(plan.rawValue), of: id)
    }

    /// Sets which agent LiveKit sends into the account's rooms: nil for the one of the settings, "" for none.
    /// - Throws: `.notFound` for an account that is not there.
    package func setLiveKitAgent(_ name: String?, of id: AccountID) async throws(GatewayError) {
        try await set("livekit_agent", MessageColumns.text(name), of: id)
    }

    private func set(_ column: String, _ value: SQLValue, of id: AccountID) async throws(GatewayError) {
        let now = clock.now()
        do {
            let count = try await database.transaction { session in
                try session.execute(
                    "UPDATE tenant_whatsapp_config SET \(column) = $2, updated_at = $3 WHERE account_id = $1",
                    [.text(id.rawValue), value, .integer(now)])
            }
            guard count == 1 else { throw GatewayError(.notFound, "no account has this name") }
        } catch {
            throw GatewayError(wrapping: error)
        }
    }

    /// Holds the account's sends back until `time`, after Meta's own limit was reached.
    static func slow(_ id: AccountID, until time: Milliseconds, _ session: SQLSession) throws {
        _ = try session.execute(
            "UPDATE tenant_whatsapp_config SET paused_until = $2 WHERE account_id = $1 AND paused_until < $2",
            [.text(id.rawValue), .integer(time)])
    }
}
