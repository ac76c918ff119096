import SQL
import WhatsApp

/// What makes a message the same message: its account and Meta's id, or the hash of an item that has none.
struct MessageIdentity: Hashable, Sendable {
    let account: AccountID
    let key: String
    private let hasWhatsAppID: Bool

    private init(account: AccountID, key: String, hasWhatsAppID: Bool) {
        self.account = account
        self.key = key
        self.hasWhatsAppID = hasWhatsAppID
    }

    init(account: AccountID, whatsappMessageID: String) {
        self.init(account: account, key: whatsappMessageID, hasWhatsAppID: true)
    }

    init(account: AccountID, _ item: IncomingMessage) {
        self.init(
            account: account, key: item.id ?? MessageMapper.sourceKey(item) ?? "", hasWhatsAppID: item.id != nil)
    }

    /// Which of these are stored already. Ask while holding the locks of their rooms.
    static func stored(_ identities: [MessageIdentity], _ session: SQLSession) throws -> Set<MessageIdentity> {
        var ids = SQLRows([("account", .text), ("key", .text)])
        var hashes = ids
        for identity in Set(identities) {
            let row: [SQLValue] = [.text(identity.account.rawValue), .text(identity.key)]
            if identity.hasWhatsAppID { ids.append(row) } else { hashes.append(row) }
        }
        let found = try find(ids, column: "whatsapp_message_id", session) + find(hashes, column: "source_key", session)
        return Set(found)
    }

    private static func find(_ rows: SQLRows, column: String, _ session: SQLSession) throws -> [MessageIdentity] {
        try session.batch(
            """
            SELECT r.account, r.key FROM {rows} JOIN whatsapp_messages m
            ON m.account_id = r.account AND m.\(column) = r.key
            """, rows
        ).map {
            MessageIdentity(
                account: AccountID(rawValue: try $0.text("account")), key: try $0.text("key"),
                hasWhatsAppID: column == "whatsapp_message_id")
        }
    }
}
