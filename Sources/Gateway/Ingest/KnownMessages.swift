import SQL

/// The stored messages that a batch's statuses and changes are about. Found before the rooms are locked, so that
/// their rooms can be locked with the others.
struct KnownMessages {
    private(set) var ids: [MessageID] = []
    private(set) var rooms: [RoomName] = []
    /// Those of the targets that are stored.
    private(set) var identities: Set<MessageIdentity> = []
    /// Targets that are not stored as far as this transaction sees.
    private(set) var missed: Set<MessageIdentity> = []
    /// Targets that are stored without an id from WhatsApp, and get it from a status.
    private(set) var named: Set<MessageIdentity> = []
    /// Our ids that came back as callback data, with the wamid that Meta gave the message.
    private var callbacks: [MessageID: String] = [:]
    private var withoutWhatsAppID: Set<MessageID> = []

    init(_ plan: IngestPlan, _ session: SQLSession) throws {
        let reported = Set(plan.reports.map { MessageIdentity(account: $0.account, whatsappMessageID: $0.update.id) })
        let targets = reported.union(
            plan.changes.map { MessageIdentity(account: $0.account, whatsappMessageID: $0.target) }
                + plan.followUps.map(\.identity))
        try find(targets, session)

        var ours = SQLRows([("account", .text), ("id", .text), ("wamid", .text)])
        for report in plan.reports {
            guard let callback = report.update.callbackData else { continue }
            let id = MessageID(rawValue: callback)
            if callbacks.updateValue(report.update.id, forKey: id) == nil {
                ours.append([
                    .text(report.account.rawValue), MessageColumns.text(callback), .text(report.update.id),
                ])
            }
        }
        // Also those that have a wamid by now: it may have been stored between the first look and this one.
        let found = try session.batch(
            """
            SELECT r.account, r.wamid AS id, m.message_id, m.room_name, m.whatsapp_message_id
            FROM {rows} JOIN whatsapp_messages m ON m.account_id = r.account AND m.message_id = r.id
            """, ours)
        let nameless = found.filter { $0["whatsapp_message_id"].isNull }
        withoutWhatsAppID = Set(try nameless.map { MessageID(rawValue: try $0.text("message_id")) })
        named = Set(try nameless.map(Self.identity))
        try take(found)
        missed = targets.subtracting(identities).subtracting(try found.map(Self.identity))
    }

    /// Looks for the missed ones once more, now that nobody can be storing them.
    mutating func lookAgain(_ session: SQLSession) throws {
        guard !missed.isEmpty else { return }
        try find(missed, session)
    }

    private mutating func find(_ targets: Set<MessageIdentity>, _ session: SQLSession) throws {
        var rows = SQLRows([("account", .text), ("id", .text)])
        for target in targets { rows.append([.text(target.account.rawValue), .text(target.key)]) }
        let stored = try session.batch(
            """
            SELECT r.account, r.id, m.message_id, m.room_name FROM {rows} JOIN whatsapp_messages m
            ON m.account_id = r.account AND m.whatsapp_message_id = r.id
            """, rows)
        try take(stored)
        identities.formUnion(try stored.map(Self.identity))
    }

    private static func identity(_ row: SQLRow) throws -> MessageIdentity {
        MessageIdentity(
            account: AccountID(rawValue: try row.text("account")), whatsappMessageID: try row.text("id"))
    }

    private mutating func take(_ rows: [SQLRow]) throws {
        for row in rows {
            ids.append(MessageID(rawValue: try row.text("message_id")))
            rooms.append(RoomName(rawValue: try row.text("room_name")))
        }
    }

    /// A status may come before the answer to the send was stored, or in place of it: our own id tells whose it is.
    func adoptWhatsAppIDs(in messages: inout [Message]) {
        for index in messages.indices where messages[index].whatsappMessageID == nil {
            messages[index].whatsappMessageID = callbacks[messages[index].messageID]
        }
    }

    func adopted(_ message: Message) -> Bool {
        withoutWhatsAppID.contains(message.messageID) && message.whatsappMessageID != nil
    }
}
