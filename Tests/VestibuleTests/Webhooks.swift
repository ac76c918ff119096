import Foundation
import JSON

/// Webhooks as Meta posts them to the simulated business.
enum Webhooks {
    static func text(_ body: String, id: String, from phone: String) -> [UInt8] {
        messages([["from": .string(phone), "id": .string(id), "type": "text", "text": ["body": .string(body)]]])
    }

    /// These items of `messages[]`, with the time of now where they have none.
    static func messages(_ messages: [JSON]) -> [UInt8] {
        let now = String(Int(Date().timeIntervalSince1970))
        let timed = messages.map { message -> JSON in
            var object = message.object ?? [:]
            object["timestamp"] = object["timestamp"] ?? .string(now)
            return .object(object)
        }
        return value(["messages": .array(timed)])
    }

    /// One change of the field `messages`.
    static func value(_ value: JSONObject) -> [UInt8] {
        var value = value
        value["messaging_product"] = "whatsapp"
        value["metadata"] = ["display_phone_number": "15550200001", "phone_number_id": "200000000000101"]
        let change: JSON = ["field": "messages", "value": .object(value)]
        let body: JSON = [
            "object": "whatsapp_business_account", "entry": [["id": "100000000000101", "changes": [change]]],
        ]
        return body.encoded()
    }
}
