import SQL

package struct EventPage: Sendable {
    package let events: [Event]
    /// For the next page; nil on the last one.
    package let nextCursor: String?
}

/// What happened: read by the page, or followed live.
package struct EventService: Sendable {
    let reader: EventReader
    let hub: EventHub

    /// Oldest first.
    /// - Parameter after: the id of the last event that the caller has; one that was removed by age counts as well.
    package func list(
        after: String? = nil, _ filter: EventFilter = EventFilter(), limit: Int
    ) async throws(GatewayError) -> EventPage {
        let start = try position(after) ?? 0
        do {
            let page = try await reader.read(after: start, filter, limit: limit)
            return EventPage(events: page.events, nextCursor: page.isLast ? nil : page.end.map(reader.id))
        } catch {
            throw GatewayError(wrapping: error)
        }
    }

    /// Everything after the cursor that `filter` lets through, then what happens from then on.
    /// - Parameter cursor: nil for what happens from now on; a message's stands beside a room in the filter.
    package func follow(
        _ filter: EventFilter, after cursor: EventCursor?
    ) async throws(GatewayError) -> EventSubscription {
        do {
            let start = try await start(cursor, filter)
            return EventSubscription(reader: reader, hub: hub, filter: filter, start: start)
        } catch {
            throw GatewayError(wrapping: error)
        }
    }

    private func start(_ cursor: EventCursor?, _ filter: EventFilter) async throws -> Int64 {
        let last = try await reader.last()
        switch cursor {
        case nil: return last
        case .message(let sequence):
            guard let room = filter.room else { throw GatewayError(.invalid, "a sequence is of a room") }
            return try await reader.position(ofMessage: sequence, in: room)
        case .event(let id):
            let known = try reader.position(of: id, field: "after")
            // A database that was set back numbers other events alike.
            guard known <= last else {
                throw GatewayError(
                    .invalid, "`after` names an event that this database does not have", data: ["field": "after"])
            }
            return known
        }
    }

    private func position(_ id: String?) throws(GatewayError) -> Int64? {
        guard let id else { return nil }
        return try reader.position(of: id, field: "after")
    }
}
