import Fetch
import Foundation
import JSON
import Testing

@testable import Simulator

/// A backend that sends through the gateway: one message after the other, each under an `Idempotency-Key`. Without an
/// answer it asks again with the same key, at any gateway, until it has one.
struct CrashClient {
    let number: Int
    private let gateways: CrashGateways
    private let ledger: CrashSends
    private var random: SeededGenerator
    private var count = 0
    private var recipients = 0
    private var phone = ""

    /// A pair takes 45 at once and then one in six seconds: a client that is there for more finds another customer.
    private static let perRecipient = 40
    private static let patience: Duration = .seconds(120)

    init(_ number: Int, _ gateways: CrashGateways, _ ledger: CrashSends, seed: UInt64) {
        self.number = number
        self.gateways = gateways
        self.ledger = ledger
        random = SeededGenerator(seed: seed)
    }

    /// - Parameter pace: rested after each message.
    mutating func run(until flag: CrashFlag, pace: Duration) async {
        while !flag.isRaised {
            if count % Self.perRecipient == 0 { await meetCustomer() }
            await send()
            await CrashFlag.rest(pace)
        }
    }

    /// A new customer writes first, since that opens the window. Every third one's phone is silent: Meta reports
    /// nothing of what is sent to it.
    private mutating func meetCustomer() async {
        recipients += 1
        // After +1 555 0 some numbers would be errors of Meta's to the simulator.
        phone = "155531\(10 + number)\(100 + recipients)"
        if recipients % 3 == number % 3 {
            ledger.silent(phone)
            await ledger.insist { [gateways, phone] in
                _ = try await gateways.site.meta.change(phone, ["delays": ["sentMs": 3_600_000]])
                return true
            }
        }
        let greeting = Webhooks.text("Hello", id: "wamid.greeting.\(phone)", from: phone)
        await ledger.insist { [gateways] in await gateways.post(greeting)?.status == 200 }
    }

    private mutating func send() async {
        count += 1
        let key = "client-\(number)-\(count)"
        // Meta does what it is asked for before it is slow with the answer, or is slow before it does it.
        let text = Bool.random(using: &random) ? "\(key) answered late" : "\(key) taken late"
        // A room takes it at once; the other route waits for the outcome, which a kill can make long.
        let toRoom = Int.random(in: 0..<4, using: &random) > 0
        let path = toRoom ? "/rooms/whatsapp_\(phone)/messages" : "/whatsapp/send"
        let body: JSON =
            toRoom ? ["text": .string(text)] : ["phoneNumber": .string("+" + phone), "text": .string(text)]
        let deadline = ContinuousClock.now + Self.patience
        while ContinuousClock.now < deadline {
            let answer = await gateways.call("POST", path, body.encoded(), headers: [("Idempotency-Key", key)])
            // A message that failed is acknowledged too: the answer names it and says so.
            if let id = answer?.json["messageId"]?.string ?? answer?.json["error"]?["data"]?["messageId"]?.string {
                return ledger.acknowledged(id, key: key, to: phone)
            }
            ledger.notAcknowledged(answer?.status)
            if answer != nil { await CrashFlag.rest(CrashFlag.afterRefusal) }
        }
        ledger.abandoned()
    }
}
