import SQL

/// Meta refuses an account's token: its sends wait until a start of the server says that it is in order again. It stands
/// in the table alone, so that every gateway on the database sees it at once.
struct AccountPause: Sendable {
    let account: AccountID
    let failure: MessageFailure
    let at: Milliseconds

    /// - Returns: false when the account was paused already.
    func store(_ session: SQLSession) throws -> Bool {
        try session.execute(
            """
            UPDATE tenant_whatsapp_config SET status = 'paused', status_reason = $2, updated_at = $3
            WHERE account_id = $1 AND status <> 'paused'
            """, [.text(account.rawValue), MessageColumns.text(failure.reason), .integer(at)]) == 1
    }

    static func isSet(for account: AccountID, _ session: SQLSession) throws -> Bool {
        try session.query(
            "SELECT status FROM tenant_whatsapp_config WHERE account_id = $1", [.text(account.rawValue)]
        ).first?.text("status") == "paused"
    }
}
