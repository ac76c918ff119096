import JSON
import Synchronization

/// Moves messages between the Graph API, the phones and the webhook: changes the world, reports, sets the timers.
final class Exchange: Sendable {
    private let world: Mutex<World>
    private let delivery: WebhookDelivery
    private let timers: Timers
    private let bell: Bell

    init(settings: SimulatorSettings, delivery: WebhookDelivery, timers: Timers, bell: Bell) {
        let rules = World.Rules(
            businessNumber: settings.displayPhoneNumber, delays: StatusDelays(all: settings.statusDelay),
            autoReply: settings.autoReply, enforceWindow: settings.enforceWindow)
        world = Mutex(World(rules: rules, limit: settings.messageLimit))
        self.delivery = delivery
        self.timers = timers
        self.bell = bell
    }

    /// Looks at the world or changes it, without reporting anything.
    func withWorld<T: Sendable>(_ body: (inout World) throws -> T) rethrows -> T {
        try world.withLock { try body(&$0) }
    }

    func accept(_ request: SendRequest) -> (ChatMessage, Phone) {
        let (message, phone, wait) = world.withLock { $0.accept(request, at: Moment.now) }
        bell.ring()
        timers.after(wait) { [self] in step(message.id, from: .accepted) }
        return (message, phone)
    }

    /// - Returns: id of the message that the customer wrote.
    @discardableResult
    func say(_ words: CustomerWords, from address: String) -> String {
        // Order of the log and order of the webhooks stay the same by handing over under the lock.
        let id = world.withLock { world in
            let (id, update) = world.say(words, from: address, at: Moment.now)
            delivery.enqueue(update)
            return id
        }
        bell.ring()
        return id
    }

    func force(_ id: String, to progress: Progress, failure: GraphError?) -> Bool {
        let known = world.withLock { world in
            guard let advance = world.force(id, to: progress, failure: failure, at: Moment.now) else { return false }
            delivery.enqueue(advance.update)
            return true
        }
        bell.ring()
        return known
    }

    /// - Returns: how many messages were newly read.
    func readAll(_ key: String) -> Int {
        let count = world.withLock { world in
            let reports = world.readAll(key, at: Moment.now)
            for report in reports { delivery.enqueue(report.update) }
            return reports.filter { $0.progress == .read }.count
        }
        bell.ring()
        return count
    }

    /// Brings a phone's waiting messages on their way after it has come online.
    func resume(_ key: String) {
        for id in world.withLock({ $0.waiting(for: key) }) { step(id, from: .sent) }
    }

    private func step(_ id: String, from progress: Progress) {
        let advance = world.withLock { world in
            let advance = world.advance(id, from: progress, at: Moment.now)
            if let advance { delivery.enqueue(advance.update) }
            return advance
        }
        guard let advance else { return }
        bell.ring()
        if let reply = advance.reply, let phone = world.withLock({ $0.log[id]?.phone }) {
            say(CustomerWords(type: "text", content: ["body": .string(reply)], summary: reply), from: phone)
        }
        guard let wait = advance.next, let now = world.withLock({ $0.log[id]?.progress }) else { return }
        timers.after(wait) { [self] in step(id, from: now) }
    }
}
