import SQL
import WhatsApp

/// What makes a message the same message: its account and Meta's id, or the hash of an item that has none.
struct MessageIdentity: Hashable, Sendable {
    let account: AccountID
    let key: String

    init(account: AccountID, whatsappMessageID: String) {
        self.account = account
        key = whatsappMessageID
    }

    init(account: AccountID, _ item: IncomingMessage) {
        self.account = account
        key = item.id ?? MessageMapper.sourceKey(item) ?? ""
    }

    /// Which of these are stored already. Ask while holding the locks of their rooms.
    static func stored(_ identities: [MessageIdentity], _ session: SQLSession) throws -> Set<MessageIdentity> {
        var rows = SQLRows([("account", .text), ("key", .text)])
        for identity in Set(identities) { rows.append([.text(identity.account.rawValue), .text(identity.key)]) }
        let found = try session.batch(
            """
            SELECT r.account, r.key FROM {rows} JOIN whatsapp_messages m
            ON m.account_id = r.account AND m.whatsapp_message_id = r.key
            UNION ALL
            SELECT r.account, r.key FROM {rows} JOIN whatsapp_messages m
            ON m.account_id = r.account AND m.source_key = r.key
            """, rows)
        return Set(
            try found.map {
                MessageIdentity(
                    account: AccountID(rawValue: try $0.text("account")), whatsappMessageID: try $0.text("key"))
            })
    }
}
