import Synchronization

/// The rooms in which this gateway is, or is about to be.
final class AttendedRooms: Sendable {
    private struct State {
        var ends: [RoomName: Signal] = [:]
        /// Stays in a row that were none, or soon over.
        var failures: [RoomName: Int] = [:]
    }

    let isStopping = Flag()
    /// Raised with `isStopping`.
    let stopped = Signal()
    private let state = Mutex(State())

    private static let firstRest: Milliseconds = 2 * .second
    private static let longestRest: Milliseconds = .minute
    /// A stay that was no failure.
    private static let stay: Duration = .seconds(60)
    private static let mostFailures = 10_000

    var count: Int { state.withLock { $0.ends.count } }

    var names: Set<RoomName> { state.withLock { Set($0.ends.keys) } }

    /// - Returns: is raised when the room is to be left; nil when the gateway is in it already.
    func insert(_ room: RoomName) -> Signal? {
        let end = Signal()
        let isNew = state.withLock { state in
            guard state.ends[room] == nil else { return false }
            state.ends[room] = end
            return true
        }
        guard isNew else { return nil }
        if isStopping.isRaised { end.raise() }
        return end
    }

    /// - Parameter end: of the stay that is over; another one goes on.
    func remove(_ room: RoomName, _ end: Signal) {
        state.withLock { if $0.ends[room] === end { $0.ends[room] = nil } }
    }

    func endAll() {
        isStopping.raise()
        stopped.raise()
        end(allBut: [])
    }

    func end(allBut kept: Set<RoomName>) {
        let ends = state.withLock { state in state.ends.filter { !kept.contains($0.key) }.values }
        for end in ends { end.raise() }
    }

    func isFirstFailure(of room: RoomName) -> Bool { state.withLock { $0.failures[room] == nil } }

    /// How long the room is left alone after a stay of this length.
    func rest(of room: RoomName, after ending: RoomTalk.Ending, within time: Duration) -> Milliseconds {
        state.withLock { state in
            guard ending == .over else {
                state.failures[room] = nil
                return 0
            }
            if state.failures.count >= Self.mostFailures { state.failures = [:] }
            let failures = time > Self.stay ? 0 : state.failures[room] ?? 0
            state.failures[room] = failures + 1
            return min(Self.longestRest, Self.firstRest << min(failures, 5))
        }
    }
}
