import JSON

/// One thing that happens to a gateway in the model test. A step names its objects by numbers that are taken modulo
/// what there is, so that a sequence stays one when steps are left out of it.
enum ModelStep: Sendable, CustomStringConvertible {
    /// Webhooks that come at the same moment and share a batch.
    case receive([ModelItem])
    /// Meta delivers an earlier webhook again.
    case deliverAgain(Int)
    /// An agent writes, with an Idempotency-Key or without.
    case submit(customer: Int, key: Int?)
    /// The next job that is due runs; where it asks Meta to send, this is what comes of it.
    case work(MetaOutcome)
    case markRead(customer: Int)
    case pass(seconds: Int)
    /// The gateway vanishes with a job in hand, and another takes its place.
    case crash(CrashPoint)
    case restart
    case replay
    case databaseAway
    case databaseBack

    enum MetaOutcome: CaseIterable, Sendable {
        case accepted, answerLost, garbled, refused, serverError, throttled
    }

    enum CrashPoint: CaseIterable, Sendable {
        /// The job was claimed and nothing done.
        case claimed
        /// The request was about to go out.
        case marked
        /// Meta has the message; the answer was not stored.
        case received
    }

    var description: String {
        switch self {
        case .receive(let items): "receive(\(items))"
        case .deliverAgain(let number): "deliverAgain(\(number))"
        case .submit(let customer, let key): "submit(\(customer), key: \(key.map(String.init) ?? "-"))"
        case .work(let outcome): "work(\(outcome))"
        case .markRead(let customer): "markRead(\(customer))"
        case .pass(let seconds): "pass(\(seconds) s)"
        case .crash(let point): "crash(\(point))"
        case .restart: "restart"
        case .replay: "replay"
        case .databaseAway: "databaseAway"
        case .databaseBack: "databaseBack"
        }
    }
}

/// One item of a webhook. Targets are numbers of messages that exist or may come: reports and changes run ahead.
enum ModelItem: Sendable, CustomStringConvertible {
    /// The id says whose conversation it belongs to.
    case text(id: Int)
    /// Written by the business on its phone.
    case echo(id: Int)
    case status(of: Int, kind: Int, time: Int)
    case echoStatus(of: Int, kind: Int, time: Int)
    case reaction(of: Int, customer: Int, emoji: Int, time: Int)
    case edit(of: Int, customer: Int, time: Int)
    case revoke(of: Int, customer: Int, time: Int)

    var description: String {
        switch self {
        case .text(let id): "text \(id)"
        case .echo(let id): "echo \(id)"
        case .status(let target, let kind, let time): "\(ModelItem.statuses[kind]) of sent \(target) at \(time)"
        case .echoStatus(let target, let kind, let time): "\(ModelItem.statuses[kind]) of echo \(target) at \(time)"
        case .reaction(let target, let customer, let emoji, let time):
            "reaction \(emoji) of \(customer) to \(target) at \(time)"
        case .edit(let target, let customer, let time): "edit by \(customer) of \(target) at \(time)"
        case .revoke(let target, let customer, let time): "revoke by \(customer) of \(target) at \(time)"
        }
    }

    static let statuses = ["sent", "delivered", "read", "failed", "played"]
}

extension ModelStep {
    static let customers = 3
    static let ids = 8
    private static let times = 40

    /// A sequence drawn from a seed.
    /// - Parameter canLoseDatabase: whether there is a way to take the database away.
    static func sequence(_ random: inout ModelRandom, canLoseDatabase: Bool) -> [ModelStep] {
        (0..<random.number(8..<45)).map { _ in step(&random, canLoseDatabase) }
    }

    private static func step(_ random: inout ModelRandom, _ canLoseDatabase: Bool) -> ModelStep {
        switch random.number(0..<100) {
        case ..<30: .receive((0...random.number(0..<4)).map { _ in item(&random) })
        case ..<36: .deliverAgain(random.number(0..<20))
        case ..<52:
            .submit(customer: random.number(0..<customers), key: random.chance(3) ? random.number(0..<4) : nil)
        case ..<76: .work(random.chance(2) ? .accepted : random.element(MetaOutcome.allCases))
        case ..<79: .markRead(customer: random.number(0..<customers))
        case ..<88: .pass(seconds: random.element([1, 5, 20, 60, 301, 301, 4000, 90_000]))
        case ..<92: .crash(random.element(CrashPoint.allCases))
        case ..<94: .restart
        case ..<95: .replay
        case ..<98 where canLoseDatabase: .databaseAway
        case _ where canLoseDatabase: .databaseBack
        default: .work(.accepted)
        }
    }

    private static func item(_ random: inout ModelRandom) -> ModelItem {
        let customer = random.number(0..<customers)
        let target = random.number(0..<(2 * ids))
        let time = random.number(0..<times)
        switch random.number(0..<20) {
        case ..<7: return .text(id: random.number(0..<ids))
        case ..<9: return .echo(id: random.number(0..<ids))
        case ..<12: return .status(of: random.number(0..<6), kind: random.number(0..<5), time: time)
        case ..<14: return .echoStatus(of: random.number(0..<ids), kind: random.number(0..<5), time: time)
        case ..<17: return .reaction(of: target, customer: customer, emoji: random.number(0..<4), time: time)
        case ..<19: return .edit(of: target, customer: customer, time: time)
        default: return .revoke(of: target, customer: customer, time: time)
        }
    }
}

/// Random numbers that a seed repeats (xorshift64*).
struct ModelRandom {
    private var state: UInt64

    init(seed: UInt64) { state = (seed &+ 1) &* 0x9e37_79b9_7f4a_7c15 | 1 }

    mutating func number(_ range: Range<Int>) -> Int {
        state ^= state >> 12
        state ^= state << 25
        state ^= state >> 27
        return range.lowerBound + Int((state &* 0x2545_f491_4f6c_dd1d) >> 33) % range.count
    }

    mutating func chance(_ one: Int) -> Bool { number(0..<one) == 0 }
    mutating func element<Element>(_ all: [Element]) -> Element { all[number(0..<all.count)] }
}
