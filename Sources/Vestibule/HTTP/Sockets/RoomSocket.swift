import Gateway
import JSON
import NIOCore
import NIOHTTPTypes
import Synchronization

/// One socket: events go out, commands come in and are answered one after the other. A route announces it to the handler
/// of its connection and answers 101; from then on the handler says what becomes of it.
///
/// It has no task while there is nothing to do.
final class RoomSocket: Sendable {
    /// Commands that may wait to be handled. Whoever sends more without waiting is cut off.
    static let waiting = 32
    /// How long a client who reads nothing may hold up a stop.
    private static let stopTime: TimeAmount = .seconds(5)

    struct Close: Sendable {
        let code: UInt16
        let reason: String
    }

    private enum Telling {
        case unopened(EventSubscription)
        case idle(EventSubscription.Iterator)
        /// - Parameter wasWoken: there may be more than its task has seen.
        case busy(wasWoken: Bool)
        case over
    }

    private struct State {
        var telling: Telling
        var commands: [String] = []
        var isAnswering = false
    }

    private let channel: any Channel
    private let stop: EventStop
    private let commands: SocketCommands
    /// nil: of all rooms.
    private let room: RoomName?
    private let requestID: String
    private let work: SocketWork
    private let state: Mutex<State>

    init(
        _ channel: any Channel, _ subscription: EventSubscription, _ commands: SocketCommands, of room: RoomName?,
        requestID: String, work: SocketWork
    ) {
        self.channel = channel
        stop = subscription.stop
        self.commands = commands
        self.room = room
        self.requestID = requestID
        self.work = work
        state = Mutex(State(telling: .unopened(subscription)))
    }

    func announce() { channel.triggerUserOutboundEvent(self, promise: nil) }

    // MARK: What the handler says

    func opened() {
        state.withLock { state in
            guard case .unopened(let subscription) = state.telling else { return }
            state.telling = .idle(subscription.makeAsyncIterator { [weak self] in self?.wake() })
        }
        wake()
    }

    /// - Returns: false when too much waits already.
    func receive(_ command: String) -> Bool {
        let (fits, begins) = state.withLock { state in
            guard state.commands.count < Self.waiting else { return (false, false) }
            state.commands.append(command)
            defer { state.isAnswering = true }
            return (true, !state.isAnswering)
        }
        if begins { work.start { await self.answer() } }
        return fits
    }

    /// The server stops: what is being told is told to its end, if the other side reads.
    func finish() {
        stop.end(.shutdown)
        let channel = channel
        channel.eventLoop.scheduleTask(in: Self.stopTime) { channel.close(promise: nil) }
    }

    /// The other side is gone, or nothing more is to be said to it.
    func end() { stop.end(.left) }

    // MARK: Events

    private func wake() {
        let events = state.withLock { state -> EventSubscription.Iterator? in
            switch state.telling {
            case .idle(let events):
                state.telling = .busy(wasWoken: false)
                return events
            case .busy: state.telling = .busy(wasWoken: true)
            case .unopened, .over: break
            }
            return nil
        }
        if let events { work.start { await self.tell(events) } }
    }

    private func tell(_ events: EventSubscription.Iterator) async {
        var events = events
        do {
            while true {
                switch await next(&events) {
                case .event(let event): try await send(event.encoded)
                case .nothing:
                    if rest(events) { return }
                case .end: return endTelling()
                }
            }
        } catch {
            // The connection is gone, and with it whoever would be told.
            stop.end(.left)
            endTelling()
        }
    }

    /// - Returns: false when there may be more meanwhile.
    private func rest(_ events: EventSubscription.Iterator) -> Bool {
        state.withLock { state in
            if case .busy(wasWoken: true) = state.telling {
                state.telling = .busy(wasWoken: false)
                return false
            }
            state.telling = .idle(events)
            return true
        }
    }

    private func endTelling() { state.withLock { $0.telling = .over } }

    private func next(_ events: inout EventSubscription.Iterator) async -> EventSubscription.Iterator.Upcoming {
        do {
            let upcoming = try await events.upcoming()
            if case .end = upcoming, let end = FollowingEnd(events.ending) { close(end) }
            return upcoming
        } catch {
            close(.failed)
            return .end
        }
    }

    private func close(_ end: FollowingEnd) {
        let code: UInt16 =
            switch end {
            case .tooSlow: 1013
            case .stopping: 1001
            case .failed: 1011
            }
        // What was sent before goes first.
        channel.triggerUserOutboundEvent(Close(code: code, reason: "\(end.code): \(end.message)"), promise: nil)
    }

    /// Returns when the bytes have gone to the socket, so that a slow reader slows its own sender alone.
    private func send(_ text: [UInt8]) async throws {
        try await channel.writeAndFlush(HTTPResponsePart.body(ByteBuffer(bytes: text))).get()
    }

    // MARK: Commands

    private func answer() async {
        while let command = nextCommand() {
            let answer = await commands.run(command, of: room, requestID: requestID)
            do {
                try await send(answer.encoded())
            } catch {
                // The connection is gone; what was done is seen in the room.
                state.withLock { $0.commands = [] }
            }
        }
    }

    private func nextCommand() -> String? {
        state.withLock { state in
            guard let command = state.commands.first else {
                state.commands = []
                state.isAnswering = false
                return nil
            }
            state.commands.removeFirst()
            return command
        }
    }
}
