import SQL

/// Events after a cursor, without a gap and each once: first those that the database keeps, then live ones. It ends when
/// the gateway stops or the listener is too slow.
package struct EventSubscription: AsyncSequence, Sendable {
    package typealias Element = Event

    let reader: EventReader
    let hub: EventHub
    let filter: EventFilter
    let start: Int64
    package var stop = EventStop()

    package func makeAsyncIterator() -> Iterator {
        Iterator(reader: reader, hub: hub, filter: filter, stop: stop, position: start)
    }

    package struct Iterator: AsyncIteratorProtocol {
        /// Where the next event comes from.
        private enum Source {
            case database
            /// A listener of the hub already; what was handed on before that comes from the database still.
            case seam(EventHub.Seat)
            case hub(EventBuffer, AsyncStream<Event>.Iterator)
        }

        private static let pageSize = 200

        private let reader: EventReader
        private let hub: EventHub
        private let filter: EventFilter
        private let stop: EventStop
        /// Everything up to here has been given out.
        private var position: Int64
        private var page: ArraySlice<Event> = []
        private var source = Source.database

        init(reader: EventReader, hub: EventHub, filter: EventFilter, stop: EventStop, position: Int64) {
            self.reader = reader
            self.hub = hub
            self.filter = filter
            self.stop = stop
            self.position = position
        }

        /// Why there are no more events; nil while there may be.
        package var ending: EventEnding? {
            switch source {
            case .database: stop.ending
            case .seam(let seat): seat.buffer.ending
            case .hub(let buffer, _): buffer.ending
            }
        }

        /// - Throws: `GatewayError` when the database can't be read.
        package mutating func next() async throws -> Event? {
            while true {
                if stop.ending != nil { return nil }
                if let event = page.popFirst() {
                    position = event.position
                    return event
                }
                switch source {
                case .database:
                    if try await readPage() {
                        let seat = try hub.add(filter, at: position)
                        stop.attach(seat.buffer)
                        source = .seam(seat)
                    }
                case .seam(let seat):
                    if seat.from <= position {
                        source = .hub(seat.buffer, seat.stream.makeAsyncIterator())
                    } else if try await readPage() {
                        position = Swift.max(position, seat.from)
                    }
                case .hub(let buffer, var iterator):
                    let event = await iterator.next(isolation: nil)
                    source = .hub(buffer, iterator)
                    guard let event else {
                        guard buffer.ending == .tooSlow, stop.ending == nil, hub.mayReturn(after: buffer) else {
                            return nil
                        }
                        source = .database
                        continue
                    }
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
