import Dispatch
import Synchronization

/// Hands connections to those who wait for one, first come first served.
final class Pool: Sendable {
    private enum Waiter {
        /// Has a place in the queue, but doesn't listen yet.
        case reserved
        case waiting(CheckedContinuation<Result<Connection, any Error>, Never>)
        /// Was served before it listened.
        case served(Result<Connection, any Error>)
    }

    private struct State {
        /// The last one is handed out next; those that aren't connected stand in front.
        var free: [Connection]
        /// Tickets count up; the queue is what of `head..<next` is still in `waiters` and unserved.
        var waiters: [UInt64: Waiter] = [:]
        var deadlines: [UInt64: ContinuousClock.Instant] = [:]
        var head: UInt64 = 0
        var next: UInt64 = 0
        /// When the timer goes off that looks for those who have waited too long.
        var expiry: ContinuousClock.Instant?
        var isClosed = false
        var closers: [CheckedContinuation<Void, Never>] = []
    }

    private let connections: [Connection]
    private let acquireTimeout: Duration
    private let maxWaiting: Int
    private let state: Mutex<State>

    init(_ connections: [Connection], acquireTimeout: Duration, maxWaiting: Int) {
        self.connections = connections
        self.acquireTimeout = acquireTimeout
        self.maxWaiting = maxWaiting
        state = Mutex(State(free: connections))
    }

    var waiting: Int { state.withLock { $0.deadlines.count } }

    /// - Throws: `SQLError` `.busy` or `.unavailable` (closed), or `CancellationError`.
    /// - Parameter deadline: how long to wait at most, where that is sooner than the pool's own timeout.
    func acquire(until deadline: ContinuousClock.Instant? = nil) async throws -> Connection {
        enum Entry {
            case connection(Connection)
            case refused(SQLError)
            case ticket(UInt64)
        }
        let entry: Entry = state.withLock { state in
            if state.isClosed { return .refused(Self.closed) }
            if let connection = state.free.popLast() { return .connection(connection) }
            guard state.deadlines.count < maxWaiting else {
                return .refused(SQLError(.busy, "too many are waiting for a database connection"))
            }
            let ticket = state.next
            state.next += 1
            state.waiters[ticket] = .reserved
            let latest = ContinuousClock.now + acquireTimeout
            let end = deadline.map { min($0, latest) } ?? latest
            state.deadlines[ticket] = end
            scheduleExpiry(at: end, &state)
            return .ticket(ticket)
        }
        switch entry {
        case .connection(let connection): return connection
        case .refused(let error): throw error
        case .ticket(let ticket): return try await wait(ticket)
        }
    }

    /// Called on the connection's own thread, so that whoever waits is served without a detour.
    func release(_ connection: Connection, isConnected: Bool) {
        let wake: Wake? = state.withLock { state in
            while state.head < state.next {
                let ticket = state.head
                state.head += 1
                if state.deadlines[ticket] != nil { return Self.serve(ticket, .success(connection), &state) }
            }
            state.free.insert(connection, at: isConnected ? state.free.count : 0)
            guard state.isClosed, state.free.count == connections.count else { return nil }
            let closers = state.closers
            state.closers = []
            return { for closer in closers { closer.resume() } }
        }
        wake?()
    }

    /// Refuses newcomers and those who wait.
    func refuse() {
        let wakes: [Wake] = state.withLock { state in
            state.isClosed = true
            return state.deadlines.keys.sorted().compactMap { Self.serve($0, .failure(Self.closed), &state) }
        }
        for wake in wakes { wake() }
    }

    /// Refuses as well, lets what runs run to its end, and disconnects.
    func close() async {
        refuse()
        await withCheckedContinuation { continuation in
            let isIdle = state.withLock { state in
                if state.free.count == connections.count { return true }
                state.closers.append(continuation)
                return false
            }
            if isIdle { continuation.resume() }
        }
        for connection in connections { await connection.close() }
    }

    private typealias Wake = @Sendable () -> Void

    private static let closed = SQLError(.unavailable, "the database is closed")

    private func wait(_ ticket: UInt64) async throws -> Connection {
        try await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let served: Result<Connection, any Error>? = state.withLock { state in
                    if case .served(let result) = state.waiters[ticket] {
                        state.waiters[ticket] = nil
                        return result
                    }
                    state.waiters[ticket] = .waiting(continuation)
                    return nil
                }
                if let served { continuation.resume(returning: served) }
            }
        } onCancel: {
            let wake = state.withLock { Self.serve(ticket, .failure(CancellationError()), &$0) }
            wake?()
        }
        .get()
    }

    /// Does nothing for a ticket that was served already. The wake-up is for after the lock.
    private static func serve(_ ticket: UInt64, _ result: Result<Connection, any Error>, _ state: inout State) -> Wake?
    {
        guard state.deadlines.removeValue(forKey: ticket) != nil else { return nil }
        if case .waiting(let continuation) = state.waiters[ticket] {
            state.waiters[ticket] = nil
            return { continuation.resume(returning: result) }
        }
        state.waiters[ticket] = .served(result)
        return nil
    }

    /// One timer for the earliest deadline; one that an earlier has overtaken goes off to no effect.
    private func scheduleExpiry(at time: ContinuousClock.Instant, _ state: inout State) {
        if let expiry = state.expiry, expiry <= time { return }
        state.expiry = time
        let delay = max(1, (time - .now).milliseconds + 1)
        DispatchQueue.global().asyncAfter(deadline: .now() + .milliseconds(Int(delay))) { [weak self] in self?.expire()
        }
    }

    private func expire() {
        let now = ContinuousClock.now
        let error = SQLError(.busy, "no database connection came free in time")
        let wakes: [Wake] = state.withLock { state in
            guard let expiry = state.expiry, expiry <= now else { return [] }
            state.expiry = nil
            let late = state.deadlines.filter { $0.value <= now }.keys
            let wakes = late.compactMap { Self.serve($0, .failure(error), &state) }
            if let next = state.deadlines.values.min() { scheduleExpiry(at: next, &state) }
            return wakes
        }
        for wake in wakes { wake() }
    }
}
