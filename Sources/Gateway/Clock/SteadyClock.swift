import SQL
import Synchronization

/// The time that the services read: it runs with the machine's monotonic clock, so that setting the machine's clock
/// moves no job, no lease and no window.
///
/// With PostgreSQL it shows the server's time, which all gateways have in common, and follows it. With SQLite it begins
/// with the machine's time and follows it slowly: one part in twenty at most.
final class SteadyClock: Sendable {
    private struct State {
        var time: Milliseconds
        var read: ContinuousClock.Instant
    }

    /// A reading that took longer than this tells too little.
    private static let slowest: Duration = .milliseconds(500)
    /// Differences up to this are how inexactly a reading tells the time.
    private static let noise: Milliseconds = 20
    /// A change by more is one that stored times have to be mended for.
    static let jump: Milliseconds = 2 * .second

    private let database: Database
    private let state: Mutex<State>

    init(_ database: Database) async throws {
        self.database = database
        state = Mutex(State(time: try await database.time(), read: .now))
    }

    var clock: Clock { Clock { self.now } }
    var now: Milliseconds { state.withLock { Self.now($0, at: .now) } }

    /// Reads the source and follows it.
    /// - Returns: by how much the time was changed.
    func follow() async throws -> Milliseconds {
        let start = ContinuousClock.now
        let reading = try await database.time()
        let end = ContinuousClock.now
        guard start.duration(to: end) <= Self.slowest else { return 0 }
        let isShared = database.engine == .postgres
        return state.withLock { state in
            let now = Self.now(state, at: end)
            // The source was read some time in between.
            var change = reading + start.duration(to: end).milliseconds / 2 - now
            if abs(change) <= Self.noise { return 0 }
            if !isShared {
                let most = state.read.duration(to: end).milliseconds / 20
                change = min(max(change, -most), most)
            }
            state = State(time: now + change, read: end)
            return change
        }
    }

    private static func now(_ state: State, at instant: ContinuousClock.Instant) -> Milliseconds {
        state.time + state.read.duration(to: instant).milliseconds
    }
}
