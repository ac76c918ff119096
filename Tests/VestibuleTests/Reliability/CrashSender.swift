import Foundation
import JSON

@testable import Simulator

/// What a customer does, as webhooks: texts, several of them at once, pictures, reactions to own messages, and what
/// the phone reports of the business' message. The same seed gives the same webhooks.
struct CrashSender {
    let name: String
    let phone: String
    /// The business' message in this room that statuses are about.
    private let outgoing: String
    private let pictures: CrashPictures
    private var random: SeededGenerator
    private var count = 0
    /// Seconds since 1970; rises with each item, so that what comes later is later.
    private var time: Int
    private var recent: [String] = []

    /// - Parameter clock: 0 or 1; the two who write into one room have no moment in common.
    init(name: String, phone: String, outgoing: String, pictures: CrashPictures, clock: Int, seed: UInt64) {
        self.name = name
        self.phone = phone
        self.outgoing = outgoing
        self.pictures = pictures
        time = (Int(Date().timeIntervalSince1970) - 72_000) / 2 * 2 + clock
        random = SeededGenerator(seed: seed)
    }

    mutating func next() -> CrashWebhook {
        switch Int.random(in: 0..<20, using: &random) {
        case 0..<10: messages([text()])
        case 10..<12: messages([text(), text(), text()])
        case 12..<15: messages([picture()])
        case 15..<17: recent.randomElement(using: &random).map { reaction(to: $0) } ?? messages([text()])
        default: status()
        }
    }

    private mutating func moment() -> String {
        time += 2
        return String(time)
    }

    private mutating func id() -> String {
        count += 1
        return "wamid.\(name).\(count)"
    }

    private mutating func messages(_ items: [(JSON, CrashWebhook.Fact)]) -> CrashWebhook {
        recent = items.map(\.1.id) + recent.prefix(4)
        return CrashWebhook(body: Webhooks.messages(items.map(\.0)), facts: items.map(\.1))
    }

    private mutating func text() -> (JSON, CrashWebhook.Fact) {
        let id = id()
        let item: JSON = [
            "from": .string(phone), "id": .string(id), "timestamp": .string(moment()), "type": "text",
            "text": ["body": .string("text of \(id)")],
        ]
        return (item, .message(id, picture: nil))
    }

    private mutating func picture() -> (JSON, CrashWebhook.Fact) {
        let id = id()
        let index = Int.random(in: pictures.all.indices, using: &random)
        let picture = pictures.all[index]
        let item: JSON = [
            "from": .string(phone), "id": .string(id), "timestamp": .string(moment()), "type": "image",
            "image": [
                "id": .string(picture.id), "mime_type": "image/png",
                "sha256": .string(Data(picture.sha256).base64EncodedString()),
            ],
        ]
        return (item, .message(id, picture: index))
    }

    private mutating func reaction(to target: String) -> CrashWebhook {
        let id = id()
        let emoji = ["👍", "🎉", "🙂", "❤️"].randomElement(using: &random) ?? "👍"
        let item: JSON = [
            "from": .string(phone), "id": .string(id), "timestamp": .string(moment()), "type": "reaction",
            "reaction": ["message_id": .string(target), "emoji": .string(emoji)],
        ]
        return CrashWebhook(body: Webhooks.messages([item]), facts: [.reaction(id, target: target, emoji: emoji)])
    }

    private mutating func status() -> CrashWebhook {
        let status = ["sent", "delivered", "read"].randomElement(using: &random) ?? "sent"
        let moment = moment()
        let body = Webhooks.value([
            "statuses": [
                [
                    "id": .string(outgoing), "status": .string(status), "timestamp": .string(moment),
                    "recipient_id": .string(phone),
                ]
            ]
        ])
        return CrashWebhook(body: body, facts: [.status(outgoing, status, at: (Int64(moment) ?? 0) * 1000)])
    }
}

/// One webhook and what it says.
struct CrashWebhook: Sendable {
    enum Fact: Sendable, Hashable {
        /// - Parameter picture: index in `CrashPictures`.
        case message(String, picture: Int?)
        case reaction(String, target: String, emoji: String)
        case status(String, String, at: Int64)

        var id: String {
            switch self {
            case .message(let id, _), .reaction(let id, _, _), .status(let id, _, _): id
            }
        }
    }

    let body: [UInt8]
    let facts: [Fact]
}
