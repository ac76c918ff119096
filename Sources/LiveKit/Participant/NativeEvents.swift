import Synchronization

/// Hands what the library tells on to who waits for it. Called on the thread that reads it: nothing here takes long.
final class NativeEvents: Sendable {
    /// Fields of `FfiEvent` that are the outcome of a request, whose id is their field 1.
    private static let outcomes: Set<Int> = [5, 7, 11, 16, 40]
    private static let roomEvent = 1
    private static let readerEvent = 35

    /// Gets each event of its room, or of its stream; nil when the library is gone.
    typealias Listener = @Sendable (ProtobufMessage?) -> Void

    private struct State {
        var next: UInt64 = 1
        var pending: [UInt64: PendingOutcome] = [:]
        /// Requests that the library has not taken in yet.
        var untaken: Set<UInt64> = []
        var rooms: [UInt64: Listener] = [:]
        var readers: [UInt64: Listener] = [:]
        var isOver = false
    }

    private let state = Mutex(State())

    var isOver: Bool { state.withLock(\.isOver) }

    func expect() -> (UInt64, PendingOutcome) {
        let outcome = PendingOutcome()
        let (id, isOver) = state.withLock { state in
            defer { state.next += 1 }
            if !state.isOver {
                state.pending[state.next] = outcome
                state.untaken.insert(state.next)
            }
            return (state.next, state.isOver)
        }
        if isOver { outcome.resolve(.failure(.ended)) }
        return (id, outcome)
    }

    /// - Returns: whether the library has taken the request in at least.
    @discardableResult
    func forget(_ id: UInt64) -> Bool {
        state.withLock { state in
            state.pending[id] = nil
            return state.untaken.remove(id) == nil
        }
    }

    /// - Returns: false when there is nothing more to hear.
    func listen(toRoom room: UInt64, _ heard: @escaping Listener) -> Bool {
        state.withLock { state in
            if !state.isOver { state.rooms[room] = heard }
            return !state.isOver
        }
    }

    func listen(toReader reader: UInt64, _ heard: @escaping Listener) {
        state.withLock { if !$0.isOver { $0.readers[reader] = heard } }
    }

    func ignore(room: UInt64) { state.withLock { $0.rooms[room] = nil } }
    func ignore(reader: UInt64) { state.withLock { $0.readers[reader] = nil } }

    func taken(_ id: UInt64) { state.withLock { _ = $0.untaken.remove(id) } }

    func refused(_ id: UInt64) {
        let outcome = state.withLock { state in
            state.untaken.remove(id)
            return state.pending.removeValue(forKey: id)
        }
        outcome?.resolve(.failure(.failed("the library did not take the request")))
    }

    func take(_ bytes: [UInt8]) {
        guard let event = ProtobufMessage(bytes) else { return }
        if let room = event.message(Self.roomEvent), let handle = room.integer(1) {
            state.withLock { $0.rooms[handle] }?(room)
        } else if let read = event.message(Self.readerEvent), let handle = read.integer(1) {
            state.withLock { $0.readers[handle] }?(read)
        } else if let field = event.first(of: Self.outcomes), let outcome = event.message(field),
            let id = outcome.integer(1)
        {
            state.withLock { $0.pending.removeValue(forKey: id) }?.resolve(.success(outcome))
        }
    }

    /// The library is gone: whoever waits for something of it hears so.
    func end() {
        let (pending, rooms) = state.withLock { state in
            state.isOver = true
            defer {
                state.pending = [:]
                state.rooms = [:]
                state.readers = [:]
            }
            return (Array(state.pending.values), Array(state.rooms.values))
        }
        for outcome in pending { outcome.resolve(.failure(.ended)) }
        for room in rooms { room(nil) }
    }
}
