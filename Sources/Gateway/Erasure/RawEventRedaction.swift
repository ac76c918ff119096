import Crypto
import JSON
import SQL
import WhatsApp

/// Takes what was erased out of the raw bodies of webhooks, which may hold what others wrote as well.
struct RawEventRedaction {
    /// Ids of Meta's and keys of items that have none.
    var keys: Set<String> = []
    /// The customer's numbers and ids, where all that is theirs goes.
    var people: Set<String> = []
    /// The business numbers that this is about, by Meta's ids; nil for all. Keys are of one message each anyway.
    var numberIDs: Set<String>?

    /// - Returns: nil when nothing is left that anybody could bring in.
    func redacted(_ body: [UInt8]) -> [UInt8]? {
        // What can't be read was never brought in by its items.
        guard let json = try? JSON(parsing: body, mode: .lenient) else { return nil }
        let redacted = self.redacted(json, people)
        guard redacted != json else { return body }
        let bytes = redacted.encoded()
        return Webhook.parse(bytes).items.isEmpty ? nil : bytes
    }

    private func redacted(_ value: JSON, _ people: Set<String>) -> JSON {
        switch value {
        case .array(let items): .array(items.filter { !isErased($0, people) }.map { redacted($0, people) })
        case .object(let object): redacted(object, isOthers(object) ? [] : people)
        default: value
        }
    }

    private func redacted(_ object: JSONObject, _ people: Set<String>) -> JSON {
        Self.withoutOrphans(object, JSONObject(object.map { ($0.key, redacted($0.value, people)) }))
    }

    private func isOthers(_ object: JSONObject) -> Bool {
        guard let numberIDs, let id = object["metadata"]?["phone_number_id"]?.string else { return false }
        return !numberIDs.contains(id)
    }

    /// The cards of people stand beside what they wrote: one that nothing else refers to any more goes, too.
    private static func withoutOrphans(_ before: JSONObject, _ after: JSONObject) -> JSON {
        guard after != before, let cards = after["contacts"]?.array else { return .object(after) }
        var rest = after
        rest["contacts"] = nil
        let text = JSON.object(rest).text
        rest["contacts"] = .array(
            cards.filter { card in
                [card["wa_id"], card["user_id"]].contains { $0?.string.map { text.contains("\"\($0)\"") } ?? false }
            })
        return .object(rest)
    }

    private static let authors = [
        "from", "to", "wa_id", "user_id", "from_user_id", "to_user_id", "recipient_id", "recipient_user_id",
    ]

    /// An item of a list: a message, a status, a change, a card.
    private func isErased(_ item: JSON, _ people: Set<String>) -> Bool {
        guard item.object != nil else { return false }
        let ids = [
            item["id"], item["reaction"]?["message_id"], item["edit"]?["original_message_id"],
            item["revoke"]?["original_message_id"],
        ]
        if ids.contains(where: { $0?.string.map(keys.contains) ?? false }) { return true }
        if !people.isEmpty, Self.authors.contains(where: { item[$0]?.string.map(people.contains) ?? false }) {
            return true
        }
        return item["id"] == nil && keys.contains("sha256:" + SHA256.hash(data: item.encoded()).hexadecimal)
    }

    /// Everybody whom items of this body name.
    static func people(in body: [UInt8]) -> Set<String> {
        var people: Set<String> = []
        func look(_ value: JSON) {
            switch value {
            case .array(let items): items.forEach(look)
            case .object(let object):
                people.formUnion(authors.compactMap { object[$0]?.string })
                object.forEach { look($0.value) }
            default: break
            }
        }
        // What can't be read names nobody.
        if let json = try? JSON(parsing: body, mode: .lenient) { look(json) }
        return people
    }
}
