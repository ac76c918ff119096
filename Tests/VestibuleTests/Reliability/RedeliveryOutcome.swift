import JSON
import Mongo
import SQL

/// All that a server keeps, without what may differ when the same webhooks come in another order and several times:
/// - ids that the gateway makes when something arrives, and what is named after them (a job's lane and payload);
/// - when something arrived or was last written, the times of delivery to us included;
/// - a message's place in its room, which is the order of arrival: that places are dense is checked apart;
/// - how often a message was written, its revision;
/// - how often a raw event came.
struct RedeliveryOutcome {
    let events: Set<FixtureDump.Row>
    let statuses: Set<FixtureDump.Row>
    let changes: Set<FixtureDump.Row>
    /// By wamid: the rows of both tables, of the made-up traffic with their rooms and numbers.
    let messages: [String: [FixtureDump.Row]]
    let rooms: Set<FixtureDump.Row>
    let contacts: Set<FixtureDump.Row>
    /// Jobs by kind.
    let jobs: [String: Int]
    /// By collection and wamid.
    let documents: [String: [String: BSONValue]]

    private static let arrival: Set<String> = [
        "message_id", "contact_id", "event_id", "job_id", "created_at", "updated_at", "received_at", "sequence",
        "revision", "deliveries",
    ]
    /// Every table: looked at here, or with the reason why not.
    static let tables: Set<String> = [
        "webhook_events", "whatsapp_messages", "chat_messages", "message_statuses", "message_changes", "rooms",
        "contacts", "contact_aliases", "jobs",
    ]

    static func take(_ site: Site) async throws -> RedeliveryOutcome {
        let rows = try await site.stores.withDatabase { database in
            try await database.read { session in
                var all: [String: [FixtureDump.Row]] = [:]
                for table in tables {
                    all[table] = try session.query("SELECT * FROM \(table)").map { row in
                        Dictionary(uniqueKeysWithValues: row.columns.map { ($0, "\(row[$0])") })
                    }
                }
                return all
            }
        }
        var documents: [String: [String: BSONValue]] = [:]
        if site.stores.mongoURI != nil {
            for collection in ["whatsappMessages", "chatMessages"] {
                for document in try await site.stores.documents(collection) {
                    guard RedeliveryTraffic.isOurs(document["roomName"]?.string ?? "") else { continue }
                    var fields: [String: BSONValue] = [:]
                    for (key, value) in document where !["_id", "messageId", "sequence", "revision"].contains(key) {
                        if key == "deliveredAt", document["direction"] == "incoming" { continue }
                        fields[key] = value
                    }
                    documents["\(collection) \(document["whatsappMessageId"]?.string ?? "")"] = fields
                }
            }
        }
        return RedeliveryOutcome(rows, documents)
    }

    private init(_ rows: [String: [FixtureDump.Row]], _ documents: [String: [String: BSONValue]]) {
        self.documents = documents
        func all(_ table: String) -> [FixtureDump.Row] { (rows[table] ?? []).map { Self.stripped($0) } }
        func ours(_ table: String) -> [FixtureDump.Row] { (rows[table] ?? []).filter(Self.isOurs) }
        events = Set(all("webhook_events"))
        statuses = Set(all("message_statuses"))
        changes = Set(all("message_changes"))
        var messages: [String: [FixtureDump.Row]] = [:]
        for table in ["whatsapp_messages", "chat_messages"] {
            for row in ours(table) {
                var kept = Self.stripped(row)
                if row["direction"] == #"text("incoming")"# { kept["delivered_at"] = nil }
                messages[row["whatsapp_message_id"] ?? "", default: []].append(kept)
            }
        }
        self.messages = messages
        rooms = Set(ours("rooms").map(Self.stripped))
        let contactIDs = Set(ours("rooms").compactMap { $0["contact_id"] })
        contacts = Set(
            ["contacts", "contact_aliases"].flatMap { rows[$0] ?? [] }
                .filter { contactIDs.contains($0["contact_id"] ?? "") }.map(Self.stripped))
        jobs = (rows["jobs"] ?? []).reduce(into: [:]) { $0[$1["kind"] ?? "", default: 0] += 1 }
    }

    private static func isOurs(_ row: FixtureDump.Row) -> Bool {
        guard let room = row["room_name"]?.dropFirst(#"text(""#.count) else { return false }
        return RedeliveryTraffic.isOurs(String(room))
    }

    private static func stripped(_ row: FixtureDump.Row) -> FixtureDump.Row {
        row.filter { !arrival.contains($0.key) }
    }
}
