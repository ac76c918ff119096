import Foundation
import Testing

/// Holds what the senders got acknowledged against what the stores have.
struct CrashReceiveCheck {
    let check: CrashCheck
    let traffic: CrashTraffic
    private(set) var lost = 0
    private(set) var doubled = 0
    private(set) var outOfOrder = 0

    /// Reads the stores, which nobody writes to any more, and expects all to be well.
    init(_ traffic: CrashTraffic) async throws {
        check = try await CrashCheck(traffic.gateways.site)
        self.traffic = traffic
        check.expectStoresEqual()
        try await check.expectDense()
        compareMessages()
        #expect(lost == 0 && doubled == 0 && outOfOrder == 0)
        expectReactions()
        try await expectChangesAndStatusesOnce()
        try await expectRawEventsOnce()
    }

    /// What the senders wrote, without the greetings that open rooms.
    private var incoming: [CrashStored] {
        check.stores.room.filter { !$0.isOutgoing && $0.wamid?.hasPrefix("wamid.greeting") == false }
    }

    private mutating func compareMessages() {
        let places = Dictionary(grouping: incoming, by: \.wamid)
        var known = 0
        for facts in traffic.ledger.facts.values {
            var last: Int64 = 0
            for case .message(let id, let picture) in facts {
                known += 1
                guard let message = places[id]?.first else {
                    lost += 1
                    Issue.record("\(id) was acknowledged and is not there")
                    continue
                }
                if message.sequence <= last { outOfOrder += 1 }
                last = message.sequence
                if picture == nil { #expect(message.text == "text of \(id)") }
            }
        }
        doubled = incoming.count - places.count
        // What no sender has an answer for is not there either: each goes on until it has one.
        #expect(places.count == known)
    }

    /// The last reaction of each sender to a message is the one that shows.
    private func expectReactions() {
        let messages = Dictionary(incoming.map { ($0.wamid, $0) }) { first, _ in first }
        for facts in traffic.ledger.facts.values {
            var latest: [String: String] = [:]
            for case .reaction(_, let target, let emoji) in facts { latest[target] = emoji }
            for (target, emoji) in latest {
                let shown = messages[target]?.reactions.map { $0.split(separator: " ").last.map(String.init) }
                #expect(shown == [emoji], "\(target)")
            }
        }
    }

    private func expectChangesAndStatusesOnce() async throws {
        var reactions = 0
        var reports: [String: [String: [Int64]]] = [:]
        for fact in traffic.ledger.facts.values.joined() {
            switch fact {
            case .message: break
            case .reaction: reactions += 1
            case .status(let id, let status, let time): reports[id, default: [:]][status, default: []].append(time)
            }
        }
        #expect(try await check.site.stores.count("SELECT COUNT(*) AS n FROM message_changes") == Int64(reactions))
        let count = reports.values.flatMap(\.values).reduce(0) { $0 + $1.count }
        let kept = try await check.site.stores.rows("SELECT whatsapp_message_id FROM message_statuses")
        #expect(try kept.count { traffic.outgoing.contains(try $0.text("whatsapp_message_id")) } == count)
        for message in check.stores.room where traffic.outgoing.contains(message.wamid ?? "") {
            let known = message.wamid.flatMap { reports[$0] } ?? [:]
            // The gateway itself noted when Meta took it; a report tells an earlier time here, whenever there is one.
            if let sent = known["sent"]?.min() { #expect(message.times[0] == sent) }
            #expect(message.times[1] == known["delivered"]?.min() && message.times[2] == known["read"]?.min())
            let status = known["read"] != nil ? "read" : known["delivered"] != nil ? "delivered" : "sent"
            #expect(message.status == status)
        }
    }

    private func expectRawEventsOnce() async throws {
        let rows = try await check.site.stores.rows("SELECT body_sha256, state FROM webhook_events")
        let kept = Set(try rows.map { try $0.text("body_sha256") })
        #expect(kept.isSuperset(of: traffic.ledger.bodies))
        #expect(try rows.allSatisfy { try $0.text("state") == "processed" })
    }
}
