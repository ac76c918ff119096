import SQL
import WhatsApp

/// What follows from Meta having taken a message.
struct SentEffects {
    let messages: MessageStore
    let now: Milliseconds

    /// What comes before the lock of the room, as it does everywhere: the contact, and the lock on what is said about
    /// the message.
    func prepare(for receipt: SendReceipt, of message: Message, _ session: SQLSession) throws {
        try learn(receipt, from: message, session)
        try TargetLock.take(
            arriving: [MessageIdentity(account: message.account, whatsappMessageID: receipt.messageID)], missed: [],
            session)
    }

    /// WhatsApp may write the number in another form than the one that was dialled; answers come under its own.
    private func learn(_ receipt: SendReceipt, from message: Message, _ session: SQLSession) throws {
        guard let waID = receipt.waID, PhoneNumber(waID) != nil, waID != message.phoneNumber?.dropFirst() ?? "" else {
            return
        }
        let contact = try session.query(
            "SELECT contact_id FROM contacts WHERE contact_id = $1 {for update}", [.text(message.contact.rawValue)])
        // Erased while the message was on its way.
        guard !contact.isEmpty else { return }
        _ = try session.execute(
            """
            INSERT INTO contact_aliases (account_id, kind, value, contact_id, created_at)
            VALUES ($1, 'phone', $2, $3, $4) ON CONFLICT DO NOTHING
            """,
            [.text(message.account.rawValue), .text(waID), .text(message.contact.rawValue), .integer(now)])
    }

    /// Statuses and the customer's reactions may have come before the answer: they count now. A reaction shows on its
    /// target, whose room is that of the message, and so locked.
    func apply(to message: inout Message, _ content: OutgoingContent?, _ session: SQLSession) throws {
        for report in try StatusLog.find([message], session).values.joined() { _ = message.apply(report) }
        for changes in try ChangeLog.find([message], session).values { _ = message.apply(changes) }
        guard case .reaction(let target, let emoji)? = content, let id = message.whatsappMessageID else { return }
        try ChangeLog.record(
            [MessageChange(reactionTo: target, emoji: emoji, id: id, account: message.account, at: now)], session)
        let row = try session.query(
            """
            SELECT message_id FROM whatsapp_messages
            WHERE account_id = $1 AND whatsapp_message_id = $2 AND room_name = $3
            """, [.text(message.account.rawValue), .text(target), .text(message.roomName.rawValue)]
        ).first
        guard let row else { return }
        try messages.change(MessageID(rawValue: try row.text("message_id")), at: now, session) { message in
            guard let changes = try ChangeLog.find([message], session).values.first else { return false }
            return message.apply(changes)
        }
    }
}
