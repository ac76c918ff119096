import JSON

/// When a phone shows the blue ticks.
enum ReadHabit: String, Sendable {
    /// As soon as a message is there.
    case always
    /// When it is told to: `POST /sim/phones/{number}/read`.
    case onRequest
    /// Read receipts are switched off.
    case never
}

/// Waits before each step that a phone reports.
struct StatusDelays: Sendable, Equatable {
    var sent: Duration
    var delivered: Duration
    var read: Duration

    init(all: Duration) {
        sent = all
        delivered = all
        read = all
    }
}

/// One customer's phone.
struct Phone: Sendable {
    /// Digits, or the BSUID of a customer whose number is unknown. Never changes.
    let key: String
    let number: String?
    var name: String
    var username: String?
    var userID: String?
    /// What WhatsApp makes of the number, where it rewrites it.
    var waID: String?
    /// Webhooks carry only the BSUID, as for people with a username.
    var hidesNumber = false
    var reads = ReadHabit.always
    /// nil follows the simulator's setting, "" answers nothing.
    var autoReply: String?
    var delays: StatusDelays
    var online = true
    /// The customer has blocked the business: messages fail with 131026.
    var blocked = false
    /// Milliseconds; opens the 24-hour window.
    var lastWrote: Int64?

    /// The address in webhooks, nil where only the BSUID is shown.
    var shownNumber: String? { hidesNumber && userID != nil ? nil : (waID ?? number) }

    /// `contacts[]` of a webhook.
    func contact(withUsername: Bool = true) -> JSON {
        .fields([
            "profile": .fields([
                "name": .string(name),
                "username": withUsername ? .text(username) : nil,
            ]),
            "wa_id": .text(shownNumber),
            "user_id": .text(userID),
        ])
    }

    var json: JSON {
        .fields([
            "phone": .string(key),
            "number": .text(number.map { "+" + $0 }),
            "name": .string(name),
            "username": .text(username),
            "userId": .text(userID),
            "waId": .text(waID),
            "hidesNumber": .bool(hidesNumber),
            "reads": reads == .never ? "never" : .bool(reads == .always),
            "autoReply": .text(autoReply),
            "online": .bool(online),
            "blocked": .bool(blocked),
            "delays": .fields([
                "sentMs": .integer(delays.sent.milliseconds), "deliveredMs": .integer(delays.delivered.milliseconds),
                "readMs": .integer(delays.read.milliseconds),
            ]),
            "lastWrote": lastWrote.map { .integer($0) },
        ])
    }
}

extension Duration {
    /// Whole milliseconds.
    var milliseconds: Int64 {
        components.seconds * 1000 + components.attoseconds / 1_000_000_000_000_000
    }
}
