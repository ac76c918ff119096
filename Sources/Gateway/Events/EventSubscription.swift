import SQL

/// Events after a cursor, without a gap and each once: first those that the database keeps, then live ones. It ends when
/// the gateway stops or the listener is too slow.
package struct EventSubscription: AsyncSequence, Sendable {
    package typealias Element = Event
    package typealias Wake = @Sendable () -> Void

    let reader: EventReader
    let hub: EventHub
    let filter: EventFilter
    let start: Int64
    package var stop = EventStop()

    package func makeAsyncIterator() -> Iterator { makeAsyncIterator(wake: nil) }

    /// - Parameter wake: called when there is something new; possibly more often, and while the iterator is in use.
    package func makeAsyncIterator(wake: Wake?) -> Iterator {
        Iterator(reader: reader, hub: hub, filter: filter, stop: stop, wake: wake, position: start)
    }

    package struct Iterator: AsyncIteratorProtocol, Sendable {
        /// Where the next event comes from.
        private enum Source {
            case database
            /// A listener of the hub already; what was handed on before that comes from the database still.
            case seam(EventHub.Seat)
            case hub(EventHub.Seat)
        }

        private static let pageSize = 200

        private let reader: EventReader
        private let hub: EventHub
        private let filter: EventFilter
        private let stop: EventStop
        private let wake: Wake?
        /// Everything up to here has been given out.
        private var position: Int64
        private var page: ArraySlice<Event> = []
        private var source = Source.database

        init(
            reader: EventReader, hub: EventHub, filter: EventFilter, stop: EventStop, wake: Wake?, position: Int64
        ) {
            self.reader = reader
            self.hub = hub
            self.filter = filter
            self.stop = stop
            self.wake = wake
            self.position = position
        }

        /// Why there are no more events; nil while there may be.
        package var ending: EventEnding? {
            switch source {
            case .database: stop.ending
            // Who ends it from outside is heard before the buffer is.
            case .seam(let seat), .hub(let seat): seat.buffer.ending ?? stop.ending
            }
        }

        package enum Upcoming: Sendable {
            case event(Event)
            /// Nothing until something happens: what to wake is called then.
            case nothing
            case end
        }

        /// - Throws: `GatewayError` when the database can't be read.
        package mutating func next() async throws -> Event? {
            if case .event(let event) = try await upcoming(waits: true) { return event }
            return nil
        }

        /// What there is by now. It waits for the database only.
        package mutating func upcoming() async throws -> Upcoming { try await upcoming(waits: false) }

        private mutating func upcoming(waits: Bool) async throws -> Upcoming {
            while true {
                if stop.ending != nil { return .end }
                if let event = page.popFirst() {
                    position = event.position
                    return .event(event)
                }
                switch source {
                case .database:
                    if try await readPage() {
                        let seat = try hub.add(filter, at: position, wake: wake)
                        stop.attach(seat.buffer)
                        source = .seam(seat)
                    }
                case .seam(let seat):
                    if seat.from <= position {
                        source = .hub(seat)
                    } else if try await readPage() {
                        position = Swift.max(position, seat.from)
                    }
                case .hub(let seat):
                    if !waits, seat.buffer.isEmpty { return .nothing }
                    var iterator = seat.stream.makeAsyncIterator()
                    guard let event = await iterator.next(isolation: nil) else {
                        guard seat.buffer.ending == .tooSlow, stop.ending == nil, hub.mayReturn(after: seat.buffer)
                        else { return .end }
                        source = .database
                        continue
                    }
                    seat.buffer.taken()
                    if event.position > position { page = [event] }
                }
            }
        }

        /// - Returns: whether the database had no more than this.
        private mutating func readPage() async throws -> Bool {
            let (after, filter, reader) = (position, filter, reader)
            let last = try await reader.last()
            let read = try await reader.read(after: after, filter, limit: Self.pageSize)
            page = read.events[...]
            // A page may hold nothing but events whose messages are gone.
            if page.isEmpty { position = Swift.max(position, read.end ?? position) }
            guard read.isLast else { return false }
            if page.isEmpty { position = Swift.max(position, last) }
            return page.isEmpty
        }
    }
}
