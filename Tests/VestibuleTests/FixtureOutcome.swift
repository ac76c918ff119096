import JSON
import Synchronization

/// What all the fixtures together lead to, without what depends on the order in which they came: our ids, the room's
/// sequence, the clock, and how somebody without a number was known at the time.
struct FixtureOutcome {
    let messages: [String: FixtureDump.Row]
    let statuses: Set<FixtureDump.Row>
    let changes: Set<FixtureDump.Row>
    /// Rooms that go on: one for each customer, however they became known.
    let conversations: Int
    /// Rooms whose sequences are not dense from 1, or differ from the room's own count.
    let gaps: [String]

    init(_ dump: FixtureDump, _ fixtures: FixtureFiles) {
        let nameless = Self.withoutNumber(fixtures)
        var messages: [String: FixtureDump.Row] = [:]
        for row in dump["whatsapp_messages"] {
            let id = row["whatsapp_message_id"] ?? ""
            let key = id == "null" ? row["source_key"] ?? "" : id
            messages[key] = Self.content(of: row, hasNumber: !nameless.contains { id.contains($0) })
        }
        self.messages = messages
        statuses = Set(dump["message_statuses"].map { Self.row($0, without: ["received_at"]) })
        changes = Set(dump["message_changes"].map { Self.row($0, without: ["received_at"]) })
        conversations = dump["rooms"].count { $0["merged_into"] == "null" }
        gaps = dump["rooms"].filter { room in
            let sequences = dump["chat_messages"].filter { $0["room_name"] == room["room_name"] }
                .compactMap { $0["sequence"] }
            return Set(sequences) != Set((0..<sequences.count).map { "integer(\($0 + 1))" })
                || room["last_sequence"] != "integer(\(sequences.count))"
        }.map { $0["room_name"] ?? "" }
    }

    /// Which columns of which messages differ.
    func messages(unlike other: FixtureOutcome) -> [String] {
        Set(messages.keys).union(other.messages.keys).sorted().flatMap { key -> [String] in
            guard let mine = messages[key], let theirs = other.messages[key] else { return ["\(key) is not in both"] }
            let columns = Set(mine.keys).union(theirs.keys).filter { mine[$0] != theirs[$0] }
            return columns.sorted().map { "\(key) \($0): \(mine[$0] ?? "") instead of \(theirs[$0] ?? "")" }
        }
    }

    private static func content(of row: FixtureDump.Row, hasNumber: Bool) -> FixtureDump.Row {
        var row = row
        // A message without a time bears that of its arrival.
        let cameThen = row["timestamp"] == row["created_at"]
        let clock = ["created_at", "updated_at"] + (cameThen ? ["timestamp", "expires_at"] : [])
        if row["direction"] == #"text("incoming")"# { row["delivered_at"] = nil }
        if !hasNumber { row["phone_number"] = nil }
        return Self.row(row, without: clock + ["message_id", "room_name", "contact_id", "sequence", "revision"])
    }

    private static func row(_ row: FixtureDump.Row, without columns: [String]) -> FixtureDump.Row {
        row.filter { !columns.contains($0.key) }
    }

    /// The wamids of messages that say no number of their sender.
    private static func withoutNumber(_ fixtures: FixtureFiles) -> [String] {
        fixtures.webhooks.flatMap { webhook in
            let changes = (webhook.json["entry"]?.array ?? []).flatMap { $0["changes"]?.array ?? [] }
            return changes.flatMap { $0["value"]?["messages"]?.array ?? [] }
                .filter { ($0["from"]?.string ?? "").isEmpty }.compactMap { $0["id"]?.string }
        }
    }
}

/// Hands each webhook out once.
final class FixtureQueue: Sendable {
    private let waiting: Mutex<[FixtureFiles.Webhook]>

    init(_ webhooks: [FixtureFiles.Webhook]) { waiting = Mutex(webhooks) }

    func next() -> FixtureFiles.Webhook? { waiting.withLock { $0.popLast() } }
}

/// Random numbers that a seed repeats (SplitMix64), so that an order that failed can be had again.
struct SeededGenerator: RandomNumberGenerator {
    let seed: UInt64
    private var state: UInt64

    init(seed: UInt64) {
        self.seed = seed
        state = seed
    }

    mutating func next() -> UInt64 {
        state &+= 0x9e37_79b9_7f4a_7c15
        var z = state
        z = (z ^ (z >> 30)) &* 0xbf58_476d_1ce4_e5b9
        z = (z ^ (z >> 27)) &* 0x94d0_49bb_1331_11eb
        return z ^ (z >> 31)
    }
}
