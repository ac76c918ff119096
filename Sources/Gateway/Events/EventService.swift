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

    /// Everything after the event of this id that `filter` lets through, then what happens from then on.
    /// - Parameter id: nil for what happens from now on.
    package func follow(_ filter: EventFilter, after id: String?) async throws(GatewayError) -> EventSubscription {
        let known = try position(id)
        do {
            let last = try await reader.last()
            // A database that was set back numbers other events alike.
            if let known, known > last {
                throw GatewayError(
                    .invalid, "`after` names an event that this database does not have", data: ["field": "after"])
            }
            return EventSubscription(reader: reader, hub: hub, filter: filter, start: known ?? last)
        } catch {
            throw GatewayError(wrapping: error)
        }
    }

    private func position(_ id: String?) throws(GatewayError) -> Int64? {
        guard let id else { return nil }
        return try reader.position(of: id, field: "after")
    }
}
