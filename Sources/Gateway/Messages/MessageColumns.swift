import JSON
import SQL

/// How a message stands in its two tables. `chat_messages` has all columns; `whatsapp_messages` has no `sender` and
/// no `private`, and alone has `source_key`.
enum MessageColumns {
    /// Set once.
    static let fixed: [(String, SQLType)] = [
        ("message_id", .text), ("account_id", .text), ("room_name", .text), ("contact_id", .text),
        ("sequence", .bigint), ("direction", .text), ("timestamp", .bigint), ("created_at", .bigint),
        ("expires_at", .bigint),
    ]
    /// May change during a message's life.
    static let changing: [(String, SQLType)] = [
        ("whatsapp_message_id", .text), ("phone_number", .text), ("type", .text), ("status", .text), ("text", .text),
        ("media_url", .text), ("media_type", .text), ("media_status", .text), ("media_reason", .text),
        ("media_id", .text), ("media_sha256", .text), ("file_name", .text), ("file_size", .bigint),
        ("mime_type", .text), ("caption", .text), ("reply_to", .text), ("reactions", .json), ("location", .json),
        ("contacts", .json), ("interactive", .json), ("extras", .json), ("metadata", .json), ("sent_at", .bigint),
        ("delivered_at", .bigint), ("read_at", .bigint), ("played_at", .bigint), ("failed_at", .bigint),
        ("failed_reason", .text), ("failure", .json), ("participants", .json),
        ("edited_at", .bigint), ("deleted_at", .bigint),
        ("revision", .bigint), ("updated_at", .bigint),
    ]
    /// Where in `changing` stands what a text can have when it is new; and where the rest.
    private static let (plain, special): ([Int], [Int]) = {
        let names: Set = [
            "whatsapp_message_id", "phone_number", "type", "status", "text", "reply_to", "extras", "sent_at",
            "delivered_at", "revision", "updated_at",
        ]
        let isPlain = changing.map { names.contains($0.0) }
        return (isPlain.indices.filter { isPlain[$0] }, isPlain.indices.filter { !isPlain[$0] })
    }()

    /// How new messages are written: one of two ways, so that there are no more statements than that.
    struct Insertion: Sendable {
        /// Which columns of `changing` are written.
        let places: [Int]
        /// Without rows yet.
        let network: SQLRows
        let room: SQLRows
        let intoNetwork: String
        let intoRoom: String

        /// Most batches are texts, whose other columns are all null.
        private static let plain = Insertion(MessageColumns.plain)
        private static let full = Insertion(Array(changing.indices))

        static func of(_ rows: [[SQLValue]]) -> Insertion {
            rows.allSatisfy { row in special.allSatisfy { row[$0].isNull } } ? plain : full
        }

        private init(_ places: [Int]) {
            self.places = places
            let shared = fixed + places.map { changing[$0] }
            network = SQLRows(shared + networkOnly)
            room = SQLRows(shared + roomOnly)
            intoNetwork = Self.statement(into: "whatsapp_messages", shared + networkOnly)
            intoRoom = Self.statement(into: "chat_messages", shared + roomOnly)
        }

        private static func statement(into table: String, _ columns: [(String, SQLType)]) -> String {
            let names = columns.map(\.0)
            return """
                INSERT INTO \(table) (\(names.joined(separator: ", ")))
                SELECT \(names.map { "r.\($0)" }.joined(separator: ", ")) FROM {rows} WHERE true
                """
        }
    }

    /// The statements that change messages, one for each table.
    static let changes = ["whatsapp_messages", "chat_messages"].map { table in
        let assignments = changing.map { "\($0.0) = r.\($0.0)" }.joined(separator: ", ")
        return "UPDATE \(table) SET \(assignments) FROM {rows} WHERE \(table).message_id = r.message_id"
    }

    static let roomOnly: [(String, SQLType)] = [("sender", .json), ("private", .boolean)]
    static let networkOnly: [(String, SQLType)] = [("source_key", .text)]

    static func fixedValues(_ m: Message) -> [SQLValue] {
        [
            .text(m.messageID.rawValue), .text(m.account.rawValue), .text(m.roomName.rawValue),
            .text(m.contact.rawValue), .integer(m.sequence), .text(m.direction.rawValue), .integer(m.timestamp),
            .integer(m.createdAt), .integer(m.expiresAt),
        ]
    }

    static func changingValues(_ m: Message) -> [SQLValue] {
        let reactions: JSON? = m.reactions.isEmpty ? nil : .array(m.reactions.map { $0.json() })
        let participants: JSON? = m.participants.isEmpty ? nil : .array(m.participants.map { $0.stored() })
        let extras: JSON? = m.extras.isEmpty ? nil : .object(m.extras)
        return [
            SQLValue(m.whatsappMessageID), SQLValue(m.phoneNumber), .text(m.type), .text(m.status.rawValue),
            text(m.text), SQLValue(m.media.url), SQLValue(m.media.kind), SQLValue(m.media.status?.rawValue),
            text(m.media.reason), SQLValue(m.media.graphID), SQLValue(m.media.sha256), text(m.media.fileName),
            SQLValue(m.media.fileSize), text(m.media.mimeType), text(m.caption), SQLValue(m.replyTo), json(reactions),
            json(m.location), json(m.contacts), json(m.interactive), json(extras), json(m.metadata),
            SQLValue(m.sentAt), SQLValue(m.deliveredAt), SQLValue(m.readAt), SQLValue(m.playedAt),
            SQLValue(m.failedAt), text(m.failedReason), json(m.failure?.json()), json(participants),
            SQLValue(m.editedAt),
            SQLValue(m.deletedAt), .integer(m.revision), .integer(m.updatedAt),
        ]
    }

    static func roomOnlyValues(_ m: Message) -> [SQLValue] { [json(m.sender), .bool(m.isPrivate)] }
    static func networkOnlyValues(_ m: Message) -> [SQLValue] { [SQLValue(m.sourceKey)] }

    /// PostgreSQL holds no NUL in text; U+FFFD stands for it, and the raw event keeps what came.
    static func text(_ value: String?) -> SQLValue {
        guard let value else { return .null }
        return .text(value.utf8.contains(0) ? value.replacing("\0", with: "\u{FFFD}") : value)
    }

    static func json(_ value: JSON?) -> SQLValue {
        guard let value else { return .null }
        let text = value.text
        return .text(text.contains("\\u0000") ? value.replacingNUL().text : text)
    }
}

extension JSON {
    /// The same value with U+FFFD for each NUL, which PostgreSQL's jsonb refuses.
    func replacingNUL() -> JSON {
        switch self {
        case .string(let text): .string(text.replacing("\0", with: "\u{FFFD}"))
        case .array(let items): .array(items.map { $0.replacingNUL() })
        case .object(let object):
            .object(JSONObject(object.map { ($0.key.replacing("\0", with: "\u{FFFD}"), $0.value.replacingNUL()) }))
        case .null, .bool, .integer, .number: self
        }
    }
}

extension SQLRow {
    func json(_ column: String) throws -> JSON? {
        guard let text = try textOrNil(column) else { return nil }
        return try JSON(parsing: text.utf8, mode: .lenient)
    }
}

extension Message {
    /// Reads a row of `chat_messages`.
    init(_ row: SQLRow) throws {
        messageID = MessageID(rawValue: try row.text("message_id"))
        account = AccountID(rawValue: try row.text("account_id"))
        whatsappMessageID = try row.textOrNil("whatsapp_message_id")
        phoneNumber = try row.textOrNil("phone_number")
        roomName = RoomName(rawValue: try row.text("room_name"))
        contact = ContactID(rawValue: try row.text("contact_id"))
        sequence = try row.integer("sequence")
        direction = MessageDirection(rawValue: try row.text("direction")) ?? .incoming
        type = try row.text("type")
        status = MessageStatus(rawValue: try row.text("status")) ?? .pending
        text = try row.textOrNil("text")
        media = MessageMedia(
            kind: try row.textOrNil("media_type"),
            status: try row.textOrNil("media_status").flatMap(MediaStatus.init(rawValue:)),
            reason: try row.textOrNil("media_reason"), url: try row.textOrNil("media_url"),
            fileName: try row.textOrNil("file_name"), fileSize: try row.integerOrNil("file_size"),
            mimeType: try row.textOrNil("mime_type"), sha256: try row.textOrNil("media_sha256"),
            graphID: try row.textOrNil("media_id"))
        caption = try row.textOrNil("caption")
        replyTo = try row.textOrNil("reply_to")
        reactions = try row.json("reactions")?.array?.compactMap(Reaction.init(stored:)) ?? []
        location = try row.json("location")
        contacts = try row.json("contacts")
        interactive = try row.json("interactive")
        extras = try row.json("extras")?.object ?? [:]
        metadata = try row.json("metadata")
        sender = try row.json("sender")
        isPrivate = try row.bool("private")
        timestamp = try row.integer("timestamp")
        sentAt = try row.integerOrNil("sent_at")
        deliveredAt = try row.integerOrNil("delivered_at")
        readAt = try row.integerOrNil("read_at")
        playedAt = try row.integerOrNil("played_at")
        failedAt = try row.integerOrNil("failed_at")
        failure = MessageFailure(stored: try row.json("failure"))
        participants = try row.json("participants")?.array?.compactMap(Participant.init(stored:)) ?? []
        editedAt = try row.integerOrNil("edited_at")
        deletedAt = try row.integerOrNil("deleted_at")
        revision = try row.integer("revision")
        createdAt = try row.integer("created_at")
        updatedAt = try row.integer("updated_at")
        expiresAt = try row.integer("expires_at")
    }
}
