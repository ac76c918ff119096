import Fetch
import JSON
import SQL

/// What a server holds, in lines that a table can tell: how the raw event ended unless it was processed, each room as
/// the API shows it with its messages below, then the statuses and changes on record. What is as expected of any
/// message isn't said: that an incoming one is delivered and an outgoing one sent.
struct FixtureWords {
    let site: Site
    let database: Database

    func lines() async throws -> [String] {
        var lines = try await events()
        for room in try await rooms() {
            lines.append(Self.of(room, try await contact(of: room)))
            lines += try await messages(in: room).map { "  " + Self.of($0, in: room) }
        }
        return Self.shortened(lines + (try await statuses()) + (try await changes()))
    }

    /// Only the messages of these wamids, in the order of the wamids.
    func lines(of ids: [String]) async throws -> [String] {
        var found: [String: String] = [:]
        for room in try await rooms() {
            for message in try await messages(in: room) {
                if let id = message["whatsappMessageId"]?.string { found[id] = Self.of(message, in: room) }
            }
        }
        return Self.shortened(ids.map { found[$0] ?? "missing" })
    }

    func rooms() async throws -> [JSON] {
        let rooms = try await site.get("/rooms?limit=1000").json["rooms"]?.array ?? []
        return rooms.sorted { $0["name"]?.string ?? "" < $1["name"]?.string ?? "" }
    }

    func messages(in room: JSON) async throws -> [JSON] {
        let name = room["name"]?.string ?? ""
        return try await site.get("/rooms/\(name)/messages?after=0&limit=1000").json.array ?? []
    }

    private func query(_ sql: String, _ parameters: [SQLValue] = []) async throws -> [SQLRow] {
        try await database.read { try $0.query(sql, parameters) }
    }

    private func events() async throws -> [String] {
        try await query("SELECT state, reason FROM webhook_events WHERE state <> 'processed' ORDER BY event_id").map {
            try $0.text("state") + ": " + ($0.textOrNil("reason") ?? "")
        }
    }

    /// Where an answer would go, beside the number that the room is named after.
    private func contact(of room: JSON) async throws -> String {
        let name = room["name"]?.string ?? ""
        let sql = "SELECT c.* FROM contacts c JOIN rooms r ON r.contact_id = c.contact_id WHERE r.room_name = $1"
        guard let contact = try await query(sql, [.text(name)]).first else { return "" }
        let number = try contact.textOrNil("wa_id").flatMap { name.contains($0) ? nil : $0 }
        return Self.word(" now ", number) + Self.word(" user ", try contact.textOrNil("user_id"))
    }

    private func statuses() async throws -> [String] {
        try await query("SELECT * FROM message_statuses ORDER BY timestamp, status, participant").map { row in
            let errors = try row.textOrNil("errors").map { try JSON(parsing: Array($0.utf8)) }
            let pricing = try row.textOrNil("pricing").map { try JSON(parsing: Array($0.utf8)) }
            let participant = try row.text("participant")
            let words = [
                "status ", try row.text("status"), " of ", Self.tag(try row.text("whatsapp_message_id")),
                participant.isEmpty ? "" : " by \(participant)", Self.codes(errors),
                Self.word(" ", pricing?["category"]?.string),
                Self.text(" callback ", try row.textOrNil("callback_data")),
            ]
            return words.joined()
        }
    }

    private func changes() async throws -> [String] {
        try await query("SELECT * FROM message_changes ORDER BY timestamp, change_id").map { row in
            let payload = try JSON(parsing: Array(row.text("payload").utf8))
            let said = ["emoji", "text", "caption"].compactMap { key in payload[key]?.string.map { "\(key) “\($0)”" } }
            return "\(try row.text("kind")) of \(Self.tag(try row.text("target_id"))) by \(try row.text("author"))"
                + said.map { " " + $0 }.joined()
        }
    }

    // MARK: One thing in words

    private static func of(_ room: JSON, _ contact: String) -> String {
        let unread = room["unreadCount"]?.int ?? 0
        let words = [
            room["name"]?.string ?? "?", text(" ", room["contactName"]?.string), word(" @", room["username"]?.string),
            contact, unread == 0 ? "" : ", \(unread) unread", room["windowClosesAt"] == nil ? "" : ", window",
            word(", merged into ", room["mergedInto"]?.string),
        ]
        return words.joined()
    }

    static func of(_ message: JSON, in room: JSON) -> String {
        let isIncoming = message["direction"]?.string == "incoming"
        let status = message["status"]?.string ?? ""
        let words = [
            isIncoming ? "in " : "out ", message["type"]?.string ?? "?", text(" ", message["text"]?.string),
            media(message), content(message), unsupported(message["unsupported"]),
            status == (isIncoming ? "delivered" : "sent") ? "" : " is \(status)",
            text(" because ", message["failedReason"]?.string), number(message, in: room),
            word(" user ", message["userId"]?.string), sender(message["sender"]),
            word(" in group ", message["groupId"]?.string), word(" replies to ", message["replyTo"]?.string.map(tag)),
            about(message), codes(message["errors"]), message["whatsappMessageId"] == nil ? " without id" : "",
            isIncoming ? "" : times(message),
        ]
        return words.joined()
    }

    /// Which reports of its way are known.
    private static func times(_ message: JSON) -> String {
        let known = ["sent", "delivered", "read", "played"].filter { message["\($0)At"] != nil }
        return known.isEmpty ? "" : " at: " + known.joined(separator: ", ")
    }

    private static func media(_ message: JSON) -> String {
        guard let kind = message["mediaType"]?.string else { return "" }
        let words = [
            kind == message["type"]?.string ? "" : " as \(kind)", word(" ", message["mediaStatus"]?.string),
            text(" because ", message["mediaReason"]?.string), word(" ", message["mimeType"]?.string),
            text(" caption ", message["caption"]?.string), text(" file ", message["fileName"]?.string),
            message["voice"] == true ? " voice" : "", message["animated"] == true ? " animated" : "",
        ]
        return words.joined()
    }

    private static func content(_ message: JSON) -> String {
        var words = ""
        if let place = message["location"] {
            words += " \(place["latitude"]?.double ?? .nan), \(place["longitude"]?.double ?? .nan)"
            words += text(" ", place["name"]?.string) + text(" at ", place["address"]?.string)
        }
        for card in message["contacts"]?.array ?? [] {
            words += " [\(card["name"]?["formatted_name"]?.string ?? "nameless")"
            words += (card["phones"]?.array ?? []).map { " " + ($0["phone"]?.string ?? "?") }.joined()
            words += word(" origin ", card["origin"]?.string) + "]"
        }
        if let answer = message["interactive"] {
            words += word(" ", answer["type"]?.string) + word(" ", answer["id"]?.string)
            words += text(" ", answer["title"]?.string) + text(" ", answer["description"]?.string)
            words += text(" data ", answer["data"]?.inOrder.text, limit: 300)
        }
        words += text(" payload ", message["button"]?["payload"]?.string)
        for item in message["order"]?["product_items"]?.array ?? [] { words += " [\(item.inOrder.text)]" }
        if let system = message["system"] {
            words += word(" ", system["type"]?.string) + word(" identity ", system["identity"]?["hash"]?.string)
        }
        return words
    }

    private static func unsupported(_ details: JSON?) -> String {
        guard let details else { return "" }
        return word(" ", details["kind"]?.string) + text(" because ", details["reason"]?.string)
    }

    private static func number(_ message: JSON, in room: JSON) -> String {
        let digits = message["phoneNumber"]?.string.map { String($0.dropFirst()) } ?? "no number"
        let name = room["name"]?.string ?? ""
        if name == "whatsapp_\(digits)" { return "" }
        // The room of somebody who shows no number is named after the user's id.
        return message["phoneNumber"] == nil && name.contains("_US_") ? "" : " from \(digits)"
    }

    private static func sender(_ sender: JSON?) -> String {
        guard let sender else { return "" }
        return " by \(sender["type"]?.string ?? "?")" + word(" ", sender["id"]?.string)
            + text(" ", sender["name"]?.string)
    }

    private static func about(_ message: JSON) -> String {
        var words = ""
        if let referral = message["referral"] {
            words += " after \(referral["source_type"]?.string ?? "?") \(referral["source_id"]?.string ?? "")"
            words += word(" click ", referral["ctwa_clid"]?.string) + text(" ", referral["headline"]?.string)
        }
        if message["forwarded"] == true { words += " forwarded" }
        if message["frequentlyForwarded"] == true { words += " frequently forwarded" }
        words += word(" about product ", message["referredProduct"]?["product_retailer_id"]?.string)
        for reaction in message["reactions"]?.array ?? [] {
            words += " with \(reaction["emoji"]?.string ?? "?") by \(reaction["from"]?.string ?? "?")"
        }
        return words + (message["editedAt"] == nil ? "" : " edited") + (message["deletedAt"] == nil ? "" : " deleted")
    }

    private static func codes(_ errors: JSON?) -> String {
        (errors?.array ?? []).map { " #" + ($0["metaCode"]?.int.map { String($0) } ?? "?") }.joined()
    }

    /// The end of a wamid, enough to tell those of the fixtures apart.
    static func tag(_ id: String) -> String {
        id.hasPrefix("wamid.") ? "…" + String(id.trimmingSuffix().suffix(9)) : id
    }

    static func word(_ lead: String, _ value: String?) -> String { value.map { lead + $0 } ?? "" }

    /// Texts are cut, with their length behind, and control characters escaped.
    static func text(_ lead: String, _ value: String?, limit: Int = 40) -> String {
        guard let value else { return "" }
        let scalars = value.unicodeScalars
        let escaped = scalars.prefix(limit).map { $0.value < 32 || $0.value == 127 ? "<\($0.value)>" : String($0) }
        return lead + "“" + escaped.joined() + (scalars.count > limit ? "…\(scalars.count)" : "") + "”"
    }

    /// A long batch is told by its counts.
    static func shortened(_ lines: [String]) -> [String] {
        guard lines.count > 40 else { return lines }
        func kind(_ line: String) -> Substring {
            line.firstRange(of: " of …").map { line[..<$0.lowerBound] } ?? line[...]
        }
        return Dictionary(grouping: lines, by: kind).map { "\($1.count) × \($0)" }.sorted()
    }
}

extension String {
    fileprivate func trimmingSuffix() -> Substring {
        var text = self[...]
        while text.last == "=" { text.removeLast() }
        return text
    }
}

extension JSON {
    /// The same value with the keys of every object sorted: PostgreSQL doesn't keep their order.
    fileprivate var inOrder: JSON {
        switch self {
        case .array(let items): .array(items.map(\.inOrder))
        case .object(let object):
            .object(JSONObject(object.map { ($0.key, $0.value.inOrder) }.sorted { $0.0 < $1.0 }))
        default: self
        }
    }
}
