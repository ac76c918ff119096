import SQL
import WhatsApp

/// One customer, or one group, of one account, with the room of the conversation.
struct Contact: Sendable, Hashable {
    let id: ContactID
    let account: AccountID
    /// E.164 with `+`; absent while only a BSUID is known.
    var phoneNumber: String?
    /// Digits as WhatsApp writes them: where an answer goes.
    var waID: String?
    var userID: String?
    var groupID: String?
    var username: String?
    var name: String?
    let room: RoomName

    static let columns = """
        c.contact_id, c.account_id, c.phone_number, c.wa_id, c.user_id, c.group_id, c.username, c.name, m.room_name
        """

    static func find(_ id: ContactID, _ session: SQLSession) throws -> Contact? {
        try session.query(
            """
            SELECT \(columns) FROM contacts c JOIN rooms m ON m.contact_id = c.contact_id WHERE c.contact_id = $1
            """, [.text(id.rawValue)]
        ).first.map(Contact.init)
    }

    init(_ row: SQLRow) throws {
        id = ContactID(rawValue: try row.text("contact_id"))
        account = AccountID(rawValue: try row.text("account_id"))
        phoneNumber = try row.textOrNil("phone_number")
        waID = try row.textOrNil("wa_id")
        userID = try row.textOrNil("user_id")
        groupID = try row.textOrNil("group_id")
        username = try row.textOrNil("username")
        name = try row.textOrNil("name")
        room = RoomName(rawValue: try row.text("room_name"))
    }

    init(id: ContactID, identity: ContactIdentity, room: RoomName) {
        self.id = id
        account = identity.account
        phoneNumber = identity.phones.first.map { "+\($0)" }
        waID = identity.phones.first
        userID = identity.userID
        groupID = identity.groupID
        self.room = room
    }

    /// Where Meta is asked to deliver, the number before the BSUID as Meta itself prefers.
    var recipient: Recipient? {
        if let groupID { return .group(groupID) }
        if let waID { return .phone("+\(waID)") }
        return userID.map(Recipient.user)
    }
}
