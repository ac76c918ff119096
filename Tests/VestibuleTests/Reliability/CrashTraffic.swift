import Fetch
import Foundation
import JSON
import Testing

/// Customers who write all the time, as Meta tells it: each sender's webhooks come one after the other, and one that
/// isn't answered 200 comes again with the same body until it is.
struct CrashTraffic: Sendable {
    let gateways: CrashGateways
    let ledger = CrashLedger()
    let pictures: CrashPictures
    /// The business' message of each room, by WhatsApp's ids.
    let outgoing: Set<String>
    private let senders: [CrashSender]

    /// Two write into each room, as the same customer.
    private static let senderCount = 24
    private static let roomCount = 12
    private static let patience: Duration = .seconds(120)

    /// Opens the rooms: each has one message of the customer and one of the business.
    init(_ gateways: CrashGateways, seed: UInt64) async throws {
        self.gateways = gateways
        pictures = try await CrashPictures(gateways.site)
        var outgoing: [String] = []
        for index in 0..<Self.roomCount {
            outgoing.append(try await Self.open(Self.phone(index), gateways))
        }
        self.outgoing = Set(outgoing)
        senders = (0..<Self.senderCount).map { [pictures] index in
            CrashSender(
                name: "s\(index)", phone: Self.phone(index % Self.roomCount),
                outgoing: outgoing[index % Self.roomCount],
                pictures: pictures, clock: index / Self.roomCount, seed: seed &+ UInt64(index))
        }
    }

    private static func phone(_ index: Int) -> String { "1555010\(1000 + index)" }

    private static func open(_ phone: String, _ gateways: CrashGateways) async throws -> String {
        // The phone reports nothing by itself: its statuses are the senders' to tell.
        _ = try await gateways.site.meta.change(phone, ["delays": ["sentMs": 3_600_000]])
        let greeting = Webhooks.text("Hello", id: "wamid.greeting.\(phone)", from: phone)
        try #require(await gateways.post(greeting)?.status == 200)
        let body: JSON = ["phoneNumber": .string("+" + phone), "text": "Welcome"]
        let answer = try #require(await gateways.call("POST", "/whatsapp/send", body.encoded()))
        return try #require(answer.json["whatsappMessageId"]?.string, "\(answer.text)")
    }

    /// All senders write for as long as `body` runs; what was begun is brought to its end.
    /// - Parameter pace: rested by each sender after each webhook.
    func during(pace: Duration = .zero, _ body: () async throws -> Void) async throws {
        let stop = CrashFlag()
        try await withThrowingTaskGroup(of: Void.self) { group in
            for sender in senders {
                group.addTask {
                    var sender = sender
                    while !stop.isRaised {
                        await bring(sender.next(), of: sender.name)
                        await CrashFlag.rest(pace)
                    }
                }
            }
            let result: Result<Void, any Error>
            do {
                result = .success(try await body())
            } catch {
                result = .failure(error)
            }
            stop.raise()
            try await group.waitForAll()
            try result.get()
        }
    }

    private func bring(_ webhook: CrashWebhook, of sender: String) async {
        let deadline = ContinuousClock.now + Self.patience
        while ContinuousClock.now < deadline {
            let answer = await gateways.post(webhook.body)
            if answer?.status == 200 { return ledger.acknowledged(webhook, of: sender) }
            ledger.notAcknowledged(answer?.status)
            if answer != nil { await CrashFlag.rest(CrashFlag.afterRefusal) }
        }
        ledger.abandoned()
    }
}

extension CrashGateways {
    /// Posts a signed webhook to any gateway that runs.
    func post(_ webhook: [UInt8]) async -> FetchResponse? {
        let signature = Site.signature(of: webhook, secret: site.simulator.settings.appSecret)
        return await call("POST", "/whatsapp/webhook", webhook, headers: [("X-Hub-Signature-256", signature)])
    }
}
