import Logging
import SQL
import ServiceLifecycle
import Synchronization

/// Follows the list of events for all listeners of this process: each event is read once, whichever gateway made it,
/// and handed to those who want it. Notices of the database wake it; a poll finds what they missed.
package final class EventHub: Service {
    private struct State {
        /// By the room they follow; nil: all rooms.
        var listeners: [RoomName?: [Int: EventBuffer]] = [:]
        var next = 0
        /// The last position that was handed on; it holds while there are listeners.
        var position: Int64 = 0
        var isClosed = false
    }

    private let reader: EventReader
    private let logger: Logger
    private let poll: Duration
    /// How long a listener may be behind.
    private let patience: Duration
    private let signal = Signal()
    /// A listener came while there was none: until then notices wake nobody.
    private let joined = Signal()
    /// Whoever else wants to know that something happened.
    private let others: [Signal]
    private let state = Mutex(State())
    private let listening: Gauge
    private let cutOff: Counter

    private static let pageSize = 500

    init(
        reader: EventReader, metrics: Metrics, logger: Logger, patience: Duration, poll: Duration = .seconds(1),
        telling others: [Signal] = []
    ) {
        self.others = others
        self.patience = patience
        self.reader = reader
        self.logger = logger
        self.poll = poll
        listening = metrics.gauge("vestibule_event_listeners", help: "Sockets and streams that follow events.")
        cutOff = metrics.counter(
            "vestibule_event_listeners_cut_off_total", help: "Listeners that were too slow for what happened.")
    }

    package func run() async throws {
        await withTaskCancellationOrGracefulShutdownHandler {
            await withDiscardingTaskGroup { group in
                group.addTask {
                    await self.signal.raise(
                        onNoticesOf: EventLog.channel, with: self.others, in: self.reader.database,
                        otherwise: "events are found by polling only", self.logger)
                }
                while !self.state.withLock(\.isClosed) {
                    let hasMore = await self.advance()
                    if hasMore { continue }
                    let isAlone = self.state.withLock(\.listeners.isEmpty)
                    await (isAlone ? self.joined : self.signal).wait(atMost: self.poll)
                }
                group.cancelAll()
            }
        } onCancelOrGracefulShutdown: {
            self.close()
        }
    }

    /// A listener who has joined. Its stream holds everything after `from`: what lies between its cursor and that has
    /// been handed on already.
    struct Seat: Sendable {
        let buffer: EventBuffer
        let stream: AsyncStream<Event>
        let from: Int64
    }

    /// Adds a listener who has everything up to `position`.
    func add(
        _ filter: EventFilter, at position: Int64, wake: EventSubscription.Wake?
    ) throws(GatewayError) -> Seat {
        let added = state.withLock { state -> Seat? in
            if state.isClosed { return nil }
            if state.listeners.isEmpty { state.position = position }
            let id = state.next
            state.next += 1
            let (buffer, stream) = EventBuffer.make(filter, wake: wake) { [weak self] in
                self?.remove(id, filter.room)
            }
            state.listeners[filter.room, default: [:]][id] = buffer
            return Seat(buffer: buffer, stream: stream, from: state.position)
        }
        guard let added else { throw GatewayError(.unavailable, "this gateway is stopping; try again") }
        listening.add(1)
        joined.raise()
        signal.raise()
        return added
    }

    /// A burst may be more than a buffer holds. Whoever has taken soon what it held reads on from the database.
    func mayReturn(after buffer: EventBuffer) -> Bool {
        if buffer.age <= patience { return true }
        cutOff.increment()
        return false
    }

    private func remove(_ id: Int, _ room: RoomName?) {
        let isRemoved = state.withLock { state in
            guard state.listeners[room]?.removeValue(forKey: id) != nil else { return false }
            if state.listeners[room]?.isEmpty == true { state.listeners[room] = nil }
            return true
        }
        if isRemoved { listening.add(-1) }
    }

    /// Ends every subscription: listeners come back to another gateway, or to this one's next start.
    private func close() {
        let buffers = state.withLock { state in
            state.isClosed = true
            return state.listeners.values.flatMap(\.values)
        }
        for buffer in buffers { buffer.end(.shutdown) }
        joined.raise()
        signal.raise()
    }

    /// Hands on what has happened since.
    /// - Returns: whether there is more.
    private func advance() async -> Bool {
        let now = state.withLock { $0.listeners.isEmpty ? nil : (position: $0.position, rooms: Set($0.listeners.keys)) }
        guard let (start, rooms) = now else { return false }
        do {
            // What nobody here listens to needn't be read in full.
            var page = try await read(after: start, of: rooms.contains(nil) ? nil : rooms)
            if !hand(page, from: start) {
                // Somebody came for another room while it was read.
                page = try await read(after: start, of: nil)
                _ = hand(page, from: start)
            }
            return !page.isLast
        } catch {
            let cause = GatewayError(wrapping: error)
            logger.warning("events can't be read", metadata: ["cause": "\(cause.cause ?? cause.message)"])
            return false
        }
    }

    private struct Page {
        let events: [Event]
        let rooms: Set<RoomName?>?
        let end: Int64?
        let isLast: Bool
    }

    private func read(after start: Int64, of rooms: Set<RoomName?>?) async throws -> Page {
        let page = try await reader.read(after: start, rooms: rooms, limit: Self.pageSize)
        return Page(events: page.events, rooms: rooms, end: page.end, isLast: page.isLast)
    }

    /// - Returns: false, and nothing is handed on, when the page lacks rooms that somebody listens to.
    private func hand(_ page: Page, from start: Int64) -> Bool {
        guard let end = page.end else { return true }
        let listeners = state.withLock { state -> [RoomName?: [Int: EventBuffer]]? in
            // Everybody may have left meanwhile, and somebody come who has more already.
            guard state.position == start else { return [:] }
            if let rooms = page.rooms, !rooms.isSuperset(of: state.listeners.keys) { return nil }
            state.position = end
            return state.listeners
        }
        guard let listeners else { return false }
        for event in page.events {
            let rooms: Set<RoomName?> = [event.room, nil]
            for buffer in rooms.flatMap({ listeners[$0].map { Array($0.values) } ?? [] }) where !buffer.take(event) {
                buffer.end(.tooSlow)
            }
        }
        return true
    }
}
