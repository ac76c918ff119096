import JSON

/// Changes to a phone, from `PATCH /sim/phones/{number}` or the `profile` of a message.
struct PhoneEdit: Sendable {
    private var name: String?
    private var username: String?
    private var userID: String?
    private var waID: String?
    private var hidesNumber: Bool?
    private var reads: ReadHabit?
    private var autoReply: String?
    private var clearsReply = false
    private var sent: Duration?
    private var delivered: Duration?
    private var read: Duration?
    private var online: Bool?
    private var blocked: Bool?

    init(_ body: JSON, path: String = "") throws(FieldError) {
        let reader = try FieldReader(
            body, path: path,
            allowed: [
                "name", "username", "userId", "waId", "hidesNumber", "reads", "autoReply", "delays", "online",
                "blocked",
            ])
        name = try reader.string("name", 0...256)
        username = try reader.string("username", 3...35)
        userID = try reader.string("userId", 4...140)
        if let userID, !SendRequest.isUserID(userID) {
            throw reader.error("userId", "must be two capital letters, a dot and letters or digits, such as US.1042")
        }
        if let text = try reader.string("waId", 7...32) {
            guard let digits = SendRequest.digits(of: text) else {
                throw reader.error("waId", "must be a phone number")
            }
            waID = digits
        }
        hidesNumber = try reader.bool("hidesNumber")
        switch body["reads"] {
        case nil, .null?: break
        case .bool(let value)?: reads = value ? .always : .onRequest
        case "never"?: reads = .never
        default: throw reader.error("reads", "must be true, false or \"never\"")
        }
        autoReply = try reader.string("autoReply", 0...4096)
        clearsReply = body["autoReply"]?.isNull == true
        if let delays = try reader.reader("delays", allowed: ["sentMs", "deliveredMs", "readMs"]) {
            sent = try delays.integer("sentMs", 0...3_600_000).map { .milliseconds($0) }
            delivered = try delays.integer("deliveredMs", 0...3_600_000).map { .milliseconds($0) }
            read = try delays.integer("readMs", 0...3_600_000).map { .milliseconds($0) }
        }
        online = try reader.bool("online")
        blocked = try reader.bool("blocked")
    }

    /// Another phone that already goes by the new number or id.
    func conflict(with book: PhoneBook, key: String) -> FieldError? {
        for (field, address) in [("userId", userID), ("waId", waID)] {
            guard let address, let owner = book.owner(of: address, otherThan: key) else { continue }
            return FieldError(field: field, problem: "belongs to phone \(owner) already")
        }
        return nil
    }

    func apply(to phone: inout Phone) {
        if let name { phone.name = name }
        if let username { phone.username = username }
        if let userID { phone.userID = userID }
        if let waID { phone.waID = waID }
        if let hidesNumber { phone.hidesNumber = hidesNumber }
        if let reads { phone.reads = reads }
        if let autoReply { phone.autoReply = autoReply }
        if clearsReply { phone.autoReply = nil }
        if let sent { phone.delays.sent = sent }
        if let delivered { phone.delays.delivered = delivered }
        if let read { phone.delays.read = read }
        if let online { phone.online = online }
        if let blocked { phone.blocked = blocked }
    }
}
