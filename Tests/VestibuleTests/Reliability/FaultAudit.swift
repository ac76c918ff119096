import Foundation
import JSON
import SQL
import Testing

@testable import Simulator

/// What became of a load: what is missing, what is there more than once, and what stands in another order than it came.
struct FaultAudit {
    private(set) var lost: [String] = []
    private(set) var doubled: [String] = []
    private(set) var disordered: [String] = []
    /// Acknowledged messages to customers, by what the gateway says of them.
    private(set) var outcomes: [String: Int] = [:]

    private struct Row {
        let room: String
        let sequence: Int64
        let wamid: String?
        let text: String?
        let status: String
        let messageID: String
    }

    init(_ load: FaultLoad, in site: Site, _ stores: Stores) async throws {
        let rows = try await stores.rows("SELECT * FROM chat_messages ORDER BY room_name, sequence").map { row in
            Row(
                room: try row.text("room_name"), sequence: try row.integer("sequence"),
                wamid: try row.textOrNil("whatsapp_message_id"), text: try row.textOrNil("text"),
                status: try row.text("status"), messageID: try row.text("message_id"))
        }
        let rooms = Dictionary(grouping: rows, by: \.room)
        for (room, rows) in rooms where rows.map(\.sequence) != (0..<rows.count).map({ Int64($0) + 1 }) {
            disordered.append("the sequences of \(room)")
        }
        let network = try await stores.rows("SELECT whatsapp_message_id AS id FROM whatsapp_messages").compactMap {
            try $0.textOrNil("id")
        }
        check(load, rooms, in: "chat_messages", rows.compactMap(\.wamid))
        check(load, rooms, in: "whatsapp_messages", network)
        if stores.mongoURI != nil {
            for collection in ["whatsappMessages", "chatMessages"] {
                let ids = try await stores.documents(collection).compactMap { $0["whatsappMessageId"]?.string }
                check(load, rooms, in: collection, ids)
            }
        }
        for recipient in FaultLoad.recipients {
            try await check(load, recipient, rooms["whatsapp_\(recipient)"] ?? [], site)
        }
    }

    private mutating func check(
        _ load: FaultLoad, _ rooms: [String: [Row]], in store: String, _ stored: [String]
    ) {
        let counts = stored.reduce(into: [:]) { $0[$1, default: 0] += 1 }
        doubled += counts.filter { $0.value > 1 }.map { "\($0.key) in \(store)" }
        for (customer, wamids) in load.acknowledged {
            lost += wamids.filter { counts[$0] == nil }.map { "\($0) in \(store)" }
            let places = (rooms["whatsapp_\(customer)"] ?? []).compactMap(\.wamid)
            if places.filter(Set(wamids).contains) != wamids { disordered.append("\(customer) in \(store)") }
        }
    }

    private mutating func check(_ load: FaultLoad, _ recipient: String, _ rows: [Row], _ site: Site) async throws {
        let received = try await site.meta.sent(to: recipient).compactMap { $0["text"]?.string }
        let accepted = load.accepted.filter { $0.recipient == recipient }
        let texts = accepted.map { FaultLoad.text(recipient, $0.number) }
        for (message, text) in zip(accepted, texts) {
            let row = rows.first { $0.messageID == message.messageID }
            outcomes[row?.status ?? "none", default: 0] += 1
            let isOpen = ["failed", "unknown"].contains(row?.status)
            if row == nil || !received.contains(text) && !isOpen { lost.append(text) }
            if received.count(where: { $0 == text }) > 1 { doubled.append("\(text) at Meta") }
            if rows.count(where: { $0.text == text }) > 1 { doubled.append("\(text) in its room") }
        }
        if rows.compactMap(\.text).filter(Set(texts).contains) != texts {
            disordered.append("the room of \(recipient)")
        }
        if received != texts.filter(Set(received).contains) { disordered.append("what \(recipient) received") }
    }

    func expectClean(_ sourceLocation: SourceLocation = #_sourceLocation) {
        #expect(lost.isEmpty, "lost", sourceLocation: sourceLocation)
        #expect(doubled.isEmpty, "doubled", sourceLocation: sourceLocation)
        #expect(disordered.isEmpty, "out of order", sourceLocation: sourceLocation)
    }
}
