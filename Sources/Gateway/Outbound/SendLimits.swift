import SQL
import Synchronization
import WhatsApp

/// Meta's limits, kept by all gateways on one database together so that they are not run into.
final class SendLimits: Sendable {
    private let database: Database
    private let clock: Clock
    private let perSecond: Int
    private let numbers = Mutex<[AccountID: SendPlaces]>([:])

    init(database: Database, clock: Clock, perSecond: Int) {
        self.database = database
        self.clock = clock
        self.perSecond = perSecond
    }

    /// Takes a place in the throughput of the account's number.
    /// - Returns: how long to wait; 0 when the place was had.
    func takeNumber(_ account: AccountID) async throws -> Milliseconds {
        let now = clock.now()
        switch change(account, { $0.take(at: now) }) {
        case .taken: return 0
        case .wait(let time): return time
        case .ask(let places): return try await ask(for: places, account, now)
        }
    }

    /// A place that could not be used after all.
    func giveBackNumber(_ account: AccountID) { change(account) { $0.giveBack() } }

    private func ask(for places: Int64, _ account: AccountID, _ now: Milliseconds) async throws -> Milliseconds {
        let limit = SendLimit.number(account, perSecond: perSecond)
        do {
            let answer = try await database.transaction { session in try limit.take(places, at: now, session) }
            guard case .wait(let time) = answer else {
                change(account) { $0.receive(places, at: now) }
                return 0
            }
            change(account) { $0.wait(time, at: now) }
            return time
        } catch {
            change(account) { $0.fail() }
            throw error
        }
    }

    @discardableResult
    private func change<Value>(_ account: AccountID, _ body: (inout SendPlaces) -> Value) -> Value {
        numbers.withLock { body(&$0[account, default: SendPlaces(perSecond: perSecond)]) }
    }
}
