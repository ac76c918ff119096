import JSON
import SQL
import WhatsApp

/// The contact a draft goes to, known or still to be made, and the rules that hold for what is said there.
struct Conversation {
    private var resolver: ContactResolver
    private let contact: Contact
    private let isNew: Bool
    private let lastInbound: Milliseconds
    /// nil when the room's account is gone.
    private let account: Account?

    static func find(
        _ destination: Destination, _ accounts: AccountDirectory, _ now: Milliseconds, _ session: SQLSession
    ) throws -> Conversation {
        switch destination {
        case .phone(let number, let account):
            guard let account = accounts.find(account) else {
                throw GatewayError(.configNotFound, "no WhatsApp account is configured under this name")
            }
            let identity = ContactIdentity(account: account.id, phones: [number.digits])
            var resolver = ContactResolver(accounts: accounts, now: now)
            try resolver.load([identity], session)
            let isNew = resolver.contacts.isEmpty
            let contact = resolver.resolve(identity)
            let room = isNew ? nil : try Room.find(contact.room, session)
            return Conversation(
                resolver: resolver, contact: contact, isNew: isNew, lastInbound: room?.lastInboundAt ?? 0,
                account: account)
        case .room(let name):
            guard let room = try Room.find(name, session).map({ try Room.surviving($0, session) }) else {
                throw GatewayError(.notFound, "no room has this name")
            }
            guard let contact = try Contact.find(room.contact, session) else {
                throw GatewayError(.notFound, "no room has this name")
            }
            return Conversation(
                resolver: ContactResolver(accounts: accounts, now: now), contact: contact, isNew: false,
                lastInbound: room.lastInboundAt, account: accounts.find(room.account))
        }
    }

    /// Writes the contact and its room if they are new, and locks the room.
    mutating func open(_ session: SQLSession) throws -> (contact: Contact, room: LockedRoom) {
        try resolver.store(session)
        let rooms = try RoomLock.take([contact.room] + resolver.mergedRooms, session)
        guard let room = rooms[contact.room] else { throw GatewayError(.notFound, "no room has this name") }
        try resolver.redirectRooms(session)
        return (contact, room)
    }

    /// Refuses what Meta would refuse for certain.
    /// - Returns: the message that the draft answers or reacts to.
    @discardableResult
    func check(_ draft: Draft, at now: Milliseconds, _ session: SQLSession) throws -> QuotedMessage? {
        if draft.isPrivate { return nil }
        guard account?.phoneNumberID != nil, account?.token != nil else {
            throw GatewayError(
                .configNotFound, "the WhatsApp account has no phone number id or no access token, and so cannot send")
        }
        guard contact.recipient != nil else {
            throw GatewayError(.invalid, "the contact of this room has neither a phone number nor a user id")
        }
        if case .template = draft.content {
        } else if !ServiceWindow.isOpen(lastInbound: lastInbound, at: now) {
            throw Self.windowClosed(lastInbound)
        }
        if case .reaction(let target, _) = draft.content {
            return try quoted(target, field: "reaction.messageId", session)
        }
        return try draft.replyTo.flatMap { try quoted($0, field: "replyTo", session) }
    }

    private func quoted(_ id: String, field: String, _ session: SQLSession) throws -> QuotedMessage? {
        let rows = try session.query(
            """
            SELECT message_id, whatsapp_message_id, room_name FROM whatsapp_messages
            WHERE message_id = $1 OR (account_id = $2 AND whatsapp_message_id = $1)
            """, [.text(id), .text(contact.account.rawValue)])
        if let row = rows.first {
            guard try row.text("room_name") == contact.room.rawValue else {
                throw GatewayError(
                    .invalid, "`\(field)` names a message of another room", data: ["field": .string(field)])
            }
            return QuotedMessage(
                messageID: try row.text("message_id"), whatsappMessageID: try row.textOrNil("whatsapp_message_id"))
        }
        // WhatsApp may know a message that came before the gateway did.
        guard id.hasPrefix("wamid.") else {
            throw GatewayError(
                .invalid, "`\(field)` must be a message id of this room, or a wamid", data: ["field": .string(field)])
        }
        return QuotedMessage(messageID: nil, whatsappMessageID: id)
    }

    private static func windowClosed(_ lastInbound: Milliseconds) -> GatewayError {
        var data = JSONObject()
        if lastInbound > 0 { data["closedAt"] = .string((lastInbound + ServiceWindow.length).iso8601) }
        let when =
            lastInbound > 0
            ? "the customer's last message or call is more than 24 hours old" : "the customer has not written yet"
        return GatewayError(
            .windowClosed, "\(when); send an approved template, or wait for a message from the customer", data: data)
    }
}

/// The message that another one answers or reacts to. One of ours may get its wamid only when it is sent.
struct QuotedMessage: Sendable {
    let messageID: String?
    let whatsappMessageID: String?
}
