import Foundation
import JSON

@testable import WhatsApp

/// The webhook bodies beside the package, or where `VESTIBULE_FIXTURES` says.
enum WebhookFixtures {
    private static let folder: URL = {
        if let path = ProcessInfo.processInfo.environment["VESTIBULE_FIXTURES"] { return URL(filePath: path) }
        let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent()
        return root.deletingLastPathComponent().appending(path: "shared/fixtures/whatsapp")
    }()

    /// Without `.json`.
    static func names() throws -> [String] {
        let path = folder.appending(path: "webhooks").path()
        return try FileManager.default.contentsOfDirectory(atPath: path)
            .filter { $0.hasSuffix(".json") }.map { String($0.dropLast(5)) }.sorted()
    }

    static func body(_ name: String) throws -> [UInt8] {
        let name = name.hasSuffix(".json") ? name : name + ".json"
        return Array(try Data(contentsOf: folder.appending(path: "webhooks/\(name)")))
    }

    static func webhook(_ name: String) throws -> Webhook { Webhook.parse(try body(name)) }

    /// All messages of a fixture: a customer's, echoes, history.
    static func messages(_ name: String) throws -> [IncomingMessage] {
        try webhook(name).items.compactMap(\.incomingMessage)
    }

    static func statuses(_ name: String) throws -> [StatusUpdate] {
        try webhook(name).items.compactMap {
            if case .status(let update, _) = $0.content { update } else { nil }
        }
    }

    /// Headers and secrets that fit the bodies, and such that don't.
    static func signatures() throws -> JSON {
        try JSON(parsing: Array(Data(contentsOf: folder.appending(path: "webhook-signatures.json"))))
    }
}

extension WebhookItem {
    var incomingMessage: IncomingMessage? {
        switch content {
        case .message(let message, _), .echo(let message, _), .history(let message, _, _): message
        default: nil
        }
    }
}

/// A webhook with one change of field `messages` whose value is `value`, beside its metadata.
func parseChange(_ value: JSONObject, field: String = "messages") -> Webhook {
    var value = value
    value["metadata"] = ["display_phone_number": "15550200001", "phone_number_id": "200000000000101"]
    let body: JSON = [
        "object": "whatsapp_business_account",
        "entry": [["id": "100000000000101", "changes": [["field": .string(field), "value": .object(value)]]]],
    ]
    return Webhook.parse(body.encoded())
}

/// What one message of that JSON says.
func parseMessage(_ message: JSON) throws -> IncomingMessage? {
    parseChange(["messages": [message]]).items.first?.incomingMessage
}
