import SQL
import WhatsApp

/// What makes a message the same message: its account and Meta's id, or the hash of an item that has none.
struct MessageIdentity: Hashable, Sendable {
    let account: AccountID
    let key: String
    let hasWhatsAppID: Bool

    private init(account: AccountID, key: String, hasWhatsAppID: Bool) {
        self.account = account
        self.key = key
        self.hasWhatsAppID = hasWhatsAppID
    }

    init(account: AccountID, whatsappMessageID: String) {
        self.init(account: account, key: whatsappMessageID, hasWhatsAppID: true)
    }

    /// - Parameter sourceKey: of an item that came without an id.
    init(account: AccountID, sourceKey: String) {
        self.init(account: account, key: sourceKey, hasWhatsAppID: false)
    }

    init(account: AccountID, _ item: IncomingMessage) {
        self.init(
            account: account, key: item.id ?? MessageMapper.sourceKey(item) ?? "", hasWhatsAppID: item.id != nil)
    }

    /// Which of these are stored already. Ask while holding the locks of their rooms.
    static func stored(_ identities: [MessageIdentity], _ session: SQLSession) throws -> Set<MessageIdentity> {
        try request(identities, session)()
    }

    /// Asks now and gives the answer when it is called.
    static func request(
        _ identities: [MessageIdentity], _ session: SQLSession
    ) throws -> () throws -> Set<MessageIdentity> {
        var ids = SQLRows([("account", .text), ("key", .text)])
        var hashes = ids
        for identity in Set(identities) {
            let row: [SQLValue] = [.text(identity.account.rawValue), .text(identity.key)]
            if identity.hasWhatsAppID { ids.append(row) } else { hashes.append(row) }
        }
        let known = try find(ids, column: "whatsapp_message_id", session)
        let hashed = try find(hashes, column: "source_key", session)
        return {
            Set(
                try known.rows().map { try MessageIdentity($0, hasWhatsAppID: true) }
                    + hashed.rows().map { try MessageIdentity($0, hasWhatsAppID: false) })
        }
    }

    private static func find(_ rows: SQLRows, column: String, _ session: SQLSession) throws -> SQLAnswer {
        try session.send(
            """
            SELECT r.account, r.key FROM {rows} JOIN whatsapp_messages m
            ON m.account_id = r.account AND m.\(column) = r.key
            """, rows)
    }

    private init(_ row: SQLRow, hasWhatsAppID: Bool) throws {
        self.init(
            account: AccountID(rawValue: try row.text("account")), key: try row.text("key"),
            hasWhatsAppID: hasWhatsAppID)
    }
}

extension Message {
    /// Nil as long as WhatsApp has given it no id.
    var identity: MessageIdentity? {
        whatsappMessageID.map { MessageIdentity(account: account, whatsappMessageID: $0) }
    }
}
