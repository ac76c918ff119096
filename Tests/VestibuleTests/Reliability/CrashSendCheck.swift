import Foundation
import JSON
import Testing

/// Holds what clients got acknowledged against what Meta received and what the stores say of it.
struct CrashSendCheck {
    private(set) var receivedOnce = 0
    private(set) var failed = 0
    private(set) var lost = 0
    private(set) var doubled = 0
    private(set) var outOfOrder = 0
    /// Of those that failed: what became of them is not known to the gateway, and they did reach Meta.
    private(set) var failedAndReceived = 0
    private let metaRefuses: Bool

    /// Reads everything once no work is left, and expects all to be well.
    /// - Parameter metaRefuses: whether a message may have failed since Meta refused it, too.
    init(_ gateways: CrashGateways, _ ledger: CrashSends, metaRefuses: Bool = false) async throws {
        self.metaRefuses = metaRefuses
        let check = try await CrashCheck(gateways.site)
        check.expectStoresEqual()
        try await check.expectDense()

        let received = try await Self.received(gateways.site).filter { ledger.sent[$0.phone] != nil }
        let copies = Dictionary(received.map { ($0.id, 1) }, uniquingKeysWith: +)
        doubled = copies.values.count { $0 > 1 }
        let rooms = Set(ledger.sent.keys.map { "whatsapp_\($0)" })
        let outgoing = check.stores.room.filter { $0.isOutgoing && rooms.contains($0.room) }
        let byID = Dictionary(uniqueKeysWithValues: outgoing.map { ($0.id, $0) })
        for (phone, ids) in ledger.sent {
            var last: Int64 = 0
            for id in ids {
                guard let message = byID[id] else {
                    lost += 1
                    continue
                }
                if message.sequence <= last { outOfOrder += 1 }
                last = message.sequence
                judge(message, copies[id] ?? 0, isSilent: ledger.silent.contains(phone))
            }
            let order = received.filter { $0.phone == phone }.compactMap { byID[$0.id]?.sequence }
            if order != order.sorted() { outOfOrder += 1 }
        }
        let acknowledged = ledger.sent.values.reduce(0) { $0 + $1.count }
        // One message for each key, and nothing at Meta that is in no room.
        #expect(Set(ledger.sent.values.joined()).count == acknowledged)
        #expect(outgoing.count == acknowledged && Set(copies.keys).isSubset(of: byID.keys))
        #expect(lost == 0 && doubled == 0 && outOfOrder == 0)
        #expect(receivedOnce + failed == acknowledged)
    }

    private mutating func judge(_ message: CrashStored, _ copies: Int, isSilent: Bool) {
        switch message.status {
        case "failed":
            failed += 1
            if copies > 0 { failedAndReceived += 1 }
            let isOpen = message.failedReason?.hasPrefix("outcome unknown") == true
            // What Meta says it refused, it has not received.
            #expect(isOpen || metaRefuses && copies == 0, "\(message)")
            // Where Meta reports, a report has settled what was received.
            #expect(isSilent || copies == 0, "\(message)")
        case "sent", "delivered", "read":
            receivedOnce += 1
            if copies == 0 { lost += 1 }
            #expect(isSilent ? message.status == "sent" : message.status == "read", "\(message)")
        default: Issue.record("neither sent nor failed: \(message)")
        }
    }

    private struct Received {
        let id: String
        let phone: String
    }

    /// What Meta took, in its order, by the id that travels with each message.
    private static func received(_ site: Site) async throws -> [Received] {
        var all: [Received] = []
        var after: Int64 = 0
        while true {
            let page = try await site.meta.call("GET", "/sim/messages?limit=1000&after=\(after)")
            let messages = page["messages"]?.array ?? []
            if messages.isEmpty { return all }
            all += messages.map { Received(id: $0["callbackData"]?.string ?? "", phone: $0["phone"]?.string ?? "") }
            after = page["next"]?.int ?? 0
        }
    }
}
