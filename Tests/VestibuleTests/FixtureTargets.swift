import JSON

/// The messages that a webhook's statuses, reactions, edits and deletions are about, made up: the fixtures have them
/// not. Posted before or after the fixture, each must become what the table says.
struct FixtureTargets {
    /// The wamids, each once, in the order in which they are named.
    private(set) var ids: [String] = []
    private var messages: [JSON] = []
    private var echoes: [JSON] = []

    init(_ webhook: FixtureFiles.Webhook) {
        let webhook = webhook.json
        let known = Set(Self.values(webhook).flatMap { Self.items($0, ["messages", "message_echoes"]) }.map(Self.id))
        for value in Self.values(webhook) {
            for status in Self.items(value, ["statuses"]) where status["type"] != "call" {
                add(Self.id(status), isEcho: true, except: known)
            }
            for message in Self.items(value, ["messages"]) {
                add(message["reaction"]?["message_id"]?.string, isEcho: true, except: known)
                let isImage = message["edit"]?["message"]?["type"] == "image"
                add(Self.changed(message), isEcho: false, isImage: isImage, except: known)
            }
            for echo in Self.items(value, ["message_echoes"]) { add(Self.changed(echo), isEcho: true, except: known) }
        }
    }

    private static func values(_ webhook: JSON) -> [JSON] {
        // Of other numbers nothing is known, so nothing can change.
        (webhook["entry"]?.array ?? []).flatMap { $0["changes"]?.array ?? [] }.compactMap { $0["value"] }
            .filter { $0["metadata"]?["phone_number_id"]?.string == FixtureFiles.phoneNumberID }
    }

    private static func items(_ value: JSON, _ keys: [String]) -> [JSON] { keys.flatMap { value[$0]?.array ?? [] } }
    private static func id(_ item: JSON) -> String { item["id"]?.string ?? "" }
    private static func changed(_ message: JSON) -> String? {
        (message["edit"] ?? message["revoke"])?["original_message_id"]?.string
    }

    private mutating func add(_ id: String?, isEcho: Bool, isImage: Bool = false, except known: Set<String>) {
        guard let id, !known.contains(id), !ids.contains(id) else { return }
        ids.append(id)
        var message: JSONObject = ["id": .string(id), "timestamp": "1784999000"]
        if isImage {
            message["type"] = "image"
            message["image"] = ["id": "500000000000999", "mime_type": "image/jpeg", "caption": "Before"]
        } else {
            message["type"] = "text"
            message["text"] = ["body": "Before"]
        }
        if isEcho {
            message["from"] = "15550200001"
            message["to"] = "15550100001"
            echoes.append(.object(message))
        } else {
            message["from"] = "15550100001"
            messages.append(.object(message))
        }
    }

    /// A webhook that brings them.
    var body: [UInt8] {
        func change(_ field: String, _ key: String, _ items: [JSON]) -> JSON {
            let metadata: JSON = [
                "display_phone_number": "15550200001", "phone_number_id": .string(FixtureFiles.phoneNumberID),
            ]
            let value: JSON = ["messaging_product": "whatsapp", "metadata": metadata, key: .array(items)]
            return ["field": .string(field), "value": value]
        }
        var changes: [JSON] = []
        if !messages.isEmpty { changes.append(change("messages", "messages", messages)) }
        if !echoes.isEmpty { changes.append(change("smb_message_echoes", "message_echoes", echoes)) }
        let entry: JSON = ["id": "100000000000101", "changes": .array(changes)]
        return JSON.object(["object": "whatsapp_business_account", "entry": [entry]]).encoded()
    }
}
