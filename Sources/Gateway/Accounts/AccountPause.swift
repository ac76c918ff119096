import SQL

/// Meta refuses whatever an account sends, for its token or for the account's own sake: its sends wait until a start of the server says that it is in order again. It stands
/// in the table alone, so that every gateway on the database sees it at once.
struct AccountPause: Sendable {
    let account: AccountID
    let failure: MessageFailure
    let at: Milliseconds

    /// Raises `integration.disconnected` with it.
    /// - Returns: false when the account was paused already.
    func store(_ session: SQLSession) throws -> Bool {
        let isNew =
            try session.execute(
                """
                UPDATE tenant_whatsapp_config SET status = 'paused', status_reason = $2, updated_at = $3
                WHERE account_id = $1 AND status <> 'paused'
                """, [.text(account.rawValue), MessageColumns.text(failure.reason), .integer(at)]) == 1
        if isNew {
            EventLog.append(
                [NewEvent(.integrationDisconnected, account: account, at: at, data: failure.json())], session)
        }
        return isNew
    }

    /// Ends every pause, and raises `integration.connected` for each. Waits that Meta asked for go on.
    static func end(at now: Milliseconds, _ session: SQLSession) throws {
        let accounts = try session.query(
            """
            UPDATE tenant_whatsapp_config SET status = 'active', status_reason = NULL, updated_at = $1
            WHERE status = 'paused' RETURNING account_id
            """, [.integer(now)]
        ).map { AccountID(rawValue: try $0.text("account_id")) }
        EventLog.append(
            accounts.map { NewEvent(.integrationConnected, account: $0, at: now, data: [:]) }, session)
    }

    static func isSet(for account: AccountID, _ session: SQLSession) throws -> Bool {
        try session.query(
            "SELECT status FROM tenant_whatsapp_config WHERE account_id = $1", [.text(account.rawValue)]
        ).first?.text("status") == "paused"
    }
}
