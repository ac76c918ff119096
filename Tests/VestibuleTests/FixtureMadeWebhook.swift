import JSON
import Testing

/// Webhooks beyond the fixtures, for the simulator's number.
enum MadeWebhook {
    static let business = "15550200001"

    static func body(_ field: String, _ value: JSONObject) -> [UInt8] {
        var value = value
        value["messaging_product"] = "whatsapp"
        value["metadata"] = [
            "display_phone_number": .string(business), "phone_number_id": .string(FixtureFiles.phoneNumberID),
        ]
        let change: JSON = ["field": .string(field), "value": .object(value)]
        let entry: JSON = ["id": "100000000000101", "changes": [change]]
        return JSON.object(["object": "whatsapp_business_account", "entry": [entry]]).encoded()
    }

    /// A part of the history of one thread.
    static func history(thread: String, _ messages: [JSON]) -> [UInt8] {
        let chunk: JSON = [
            "metadata": ["phase": 0, "chunk_order": 1, "progress": 50],
            "threads": [["id": .string(thread), "messages": .array(messages)]],
        ]
        return body("history", ["history": [chunk]])
    }

    static func message(_ id: String, from: String?, _ fields: JSONObject) -> JSON {
        var message: JSONObject = ["id": .string(id), "timestamp": "1785000000"]
        message["from"] = from.map(JSON.string)
        for (key, value) in fields { message[key] = value }
        return .object(message)
    }
}

extension Site {
    func receive(_ body: [UInt8]) async throws {
        let answer = try await postWebhook(body)
        #expect(answer.status == 200)
    }
}
