import JSON
import SQL
import WhatsApp

/// The conversation with one contact.
package struct Room: Sendable {
    static let channel = "Customer"
    static let department = "Customer Service"

    package let name: RoomName
    package let account: AccountID
    let contact: ContactID
    package let title: String
    let isPrivate: Bool
    package let phoneNumber: String?
    package let lastSequence: Int64
    package let lastMessageAt: Milliseconds
    package let lastInboundAt: Milliseconds
    package let unreadCount: Int64
    /// Where the conversation goes on after two contacts turned out to be one.
    package let mergedInto: RoomName?
    package let contactName: String?
    package let username: String?
    package internal(set) var state: RoomState
    /// Whose it is, as the caller's backend knows them.
    package internal(set) var assignee: String?
    package internal(set) var tags: [String]
    let createdAt: Milliseconds

    static func title(of contact: Contact) -> String {
        if contact.groupID != nil { return "WhatsApp group" }
        return "WhatsApp: \(contact.phoneNumber ?? contact.userID ?? contact.room.rawValue)"
    }

    static let selection = """
        SELECT m.room_name, m.account_id, m.contact_id, m.title, m.channel, m.department, m.private, m.phone_number,
            m.last_sequence, m.last_message_at, m.last_inbound_at, m.unread_count, m.merged_into, m.state, m.assignee,
            m.tags, m.created_at, c.name, c.username
        FROM rooms m JOIN contacts c ON c.contact_id = m.contact_id
        """

    init(_ row: SQLRow) throws {
        name = RoomName(rawValue: try row.text("room_name"))
        account = AccountID(rawValue: try row.text("account_id"))
        contact = ContactID(rawValue: try row.text("contact_id"))
        title = try row.text("title")
        isPrivate = try row.bool("private")
        phoneNumber = try row.textOrNil("phone_number")
        lastSequence = try row.integer("last_sequence")
        lastMessageAt = try row.integer("last_message_at")
        lastInboundAt = try row.integer("last_inbound_at")
        unreadCount = try row.integer("unread_count")
        mergedInto = try row.textOrNil("merged_into").map(RoomName.init(rawValue:))
        contactName = try row.textOrNil("name")
        username = try row.textOrNil("username")
        state = try row.text("state") == RoomState.closed.rawValue ? .closed : .open
        assignee = try row.textOrNil("assignee")
        tags = try row.json("tags")?.array?.compactMap(\.string) ?? []
        createdAt = try row.integer("created_at")
    }

    package func json() -> JSON {
        var object: JSONObject = [
            "name": .string(name.rawValue), "account": .string(account.rawValue), "title": .string(title),
            "channel": .string(Self.channel), "department": .string(Self.department), "private": .bool(isPrivate),
        ]
        object["phoneNumber"] = phoneNumber.map(JSON.string)
        object["contactName"] = contactName.map(JSON.string)
        object["username"] = username.map(JSON.string)
        object["state"] = .string(state.rawValue)
        object["assignee"] = assignee.map(JSON.string)
        object["tags"] = .array(tags.map(JSON.string))
        object["lastSequence"] = .integer(lastSequence)
        object["unreadCount"] = .integer(unreadCount)
        if lastMessageAt > 0 { object["lastMessageAt"] = .integer(lastMessageAt) }
        if lastInboundAt > 0 { object["windowClosesAt"] = .string((lastInboundAt + ServiceWindow.length).iso8601) }
        object["mergedInto"] = mergedInto.map { .string($0.rawValue) }
        object["createdAt"] = .integer(createdAt)
        return .object(object)
    }
}

/// Meta's customer service window: free-form messages pass for 24 hours after the customer's last word.
enum ServiceWindow {
    static let length: Milliseconds = 24 * .hour

    /// - Parameter lastInbound: 0 when the customer never wrote.
    static func isOpen(lastInbound: Milliseconds, at now: Milliseconds) -> Bool {
        lastInbound > 0 && now < lastInbound + length
    }
}
