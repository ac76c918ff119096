import SQL
import WhatsApp

/// Which raw events to bring in again; all of them unless narrowed.
package struct ReplaySelection: Sendable {
    /// What became of the event before.
    package enum State: String, Sendable, CaseIterable {
        case failed, partial, unrouted, processed
        /// Holds something that could not be understood: left out of the room (`partial`), or standing in it as a
        /// message of type `unsupported`.
        case unsupported
    }

    package var states: Set<State> = [.failed, .partial, .unrouted, .processed]
    /// Milliseconds since 1970, by when the event came: from `since` on, before `until`.
    package var since: Milliseconds?
    package var until: Milliseconds?
    /// Only events that speak of this customer.
    package var phone: PhoneNumber?

    package init() {}
}

package struct ReplayReport: Sendable, Equatable {
    package var events = 0
    /// Messages and statuses that were not stored before.
    package var messages = 0
    package var statuses = 0
    /// Stored messages that changed, as those that are understood only now.
    package var changed = 0
    /// Events that still can't be brought in.
    package var failed = 0
}

/// Brings kept raw events in again, through the same code as new ones: what is stored already stays as it is, but for
/// messages that could not be understood before and can be now.
package struct ReplayService: Sendable {
    let database: Database
    let writer: WebhookWriter

    private static let page: Int64 = 100

    /// - Parameter progress: told after each page.
    package func replay(
        _ selection: ReplaySelection, progress: @Sendable (ReplayReport) -> Void = { _ in }
    ) async throws(GatewayError) -> ReplayReport {
        var report = ReplayReport()
        var selection = selection
        // What comes from now on comes by itself; following it might never end.
        selection.until = min(selection.until ?? .max, writer.clock.now() + 1)
        var cursor: (time: Milliseconds, id: String) = (selection.since ?? 0, "")
        do {
            while true {
                let page = try await events(selection, after: cursor)
                guard let last = page.last else { return report }
                cursor = (last.webhook.receivedAt, last.id)
                for webhook in try await chosen(from: page, selection) {
                    let result = try await writer.write([webhook])
                    report.events += 1
                    report.messages += result?.received ?? 0
                    report.statuses += result?.statuses ?? 0
                    report.changed += result?.changed ?? 0
                    if result == nil || webhook.webhook.problem != nil { report.failed += 1 }
                }
                progress(report)
            }
        } catch {
            throw GatewayError(wrapping: error)
        }
    }

    private struct Event: Sendable {
        let id: String
        let state: String
        let webhook: ReceivedWebhook
    }

    private func chosen(from page: [Event], _ selection: ReplaySelection) async throws -> [ReceivedWebhook] {
        var events = page.filter { selection.matches($0.webhook.webhook) }
        if selection.states.contains(.unsupported) {
            let odd = try await notUnderstood(in: events)
            events.removeAll { !selection.tableStates.contains($0.state) && !odd.contains($0.webhook.digest) }
        }
        return events.map(\.webhook)
    }

    /// The webhooks some of whose messages stand as `unsupported`, by their digests.
    private func notUnderstood(in events: [Event]) async throws -> Set<String> {
        var rows = SQLRows([("digest", .text), ("id", .text)])
        for event in events {
            for id in Set(event.webhook.webhook.items.compactMap(\.content.messageID)) {
                rows.append([.text(event.webhook.digest), .text(id)])
            }
        }
        let lookup = rows
        return try await database.read { session in
            Set(
                try session.batch(
                    """
                    SELECT r.digest FROM {rows} JOIN whatsapp_messages m ON m.whatsapp_message_id = r.id
                    WHERE m.type = 'unsupported'
                    """, lookup
                ).map { try $0.text("digest") })
        }
    }

    private func events(
        _ selection: ReplaySelection, after cursor: (time: Milliseconds, id: String)
    ) async throws -> [Event] {
        // A message that was not understood may stand beside others in a webhook that went well.
        let wanted = selection.states.contains(.unsupported) ? ReplaySelection().tableStates : selection.tableStates
        let states = wanted.map { "'\($0)'" }.sorted().joined(separator: ", ")
        return try await database.read { session in
            try session.query(
                """
                SELECT event_id, received_at, state, body FROM webhook_events
                WHERE (received_at > $1 OR (received_at = $1 AND event_id > $2)) AND received_at < $3
                AND state IN (\(states))
                ORDER BY received_at, event_id LIMIT $4
                """,
                [
                    .integer(cursor.time), .text(cursor.id), .integer(selection.until ?? .max), .integer(Self.page),
                ]
            ).map { row in
                Event(
                    id: try row.text("event_id"), state: try row.text("state"),
                    webhook: ReceivedWebhook(
                        body: try row.bytes("body"), receivedAt: try row.integer("received_at"), isReplay: true))
            }
        }
    }
}

extension ReplaySelection {
    /// As they stand in the table.
    fileprivate var tableStates: Set<String> { Set(states.map { ($0 == .unsupported ? .partial : $0).rawValue }) }

    fileprivate func matches(_ webhook: Webhook) -> Bool {
        guard let phone else { return true }
        let forms = Set(phone.variants)
        return webhook.items.contains { $0.content.phones.contains { forms.contains($0) } }
    }
}

extension WebhookContent {
    fileprivate var messageID: String? {
        switch self {
        case .message(let message, _), .echo(let message, _), .history(let message, _, _): message.id
        case .status, .identityChange, .call, .contactSync, .errors, .notice, .unsupported: nil
        }
    }

    /// The customers' numbers that the item names, in digits.
    fileprivate var phones: [String] {
        switch self {
        case .message(let message, let contact): [message.from, contact?.waID].compactMap(\.self)
        case .echo(let message, let contact): [message.to, contact?.waID].compactMap(\.self)
        case .history(let message, let thread, _): [message.from, message.to, thread].compactMap(\.self)
        case .status(let update, let contact): [update.recipientID, contact?.waID].compactMap(\.self)
        case .identityChange(let change): [change.waID].compactMap(\.self)
        case .call(let call): [call.from, call.to].compactMap(\.self)
        case .contactSync(let sync): [sync.phone]
        case .errors, .notice, .unsupported: []
        }
    }
}
