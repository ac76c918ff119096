import Foundation
import Testing

/// What has to hold of any site after any number of kills, once all work is done.
struct CrashCheck {
    let site: Site
    let stores: CrashStores

    init(_ site: Site) async throws {
        self.site = site
        stores = try await CrashStores(site.stores)
    }

    /// Each message stands once in each store, with the same fields in all.
    func expectStoresEqual() {
        let messages = Set(stores.whatsapp)
        #expect(messages.count == stores.whatsapp.count && Set(messages.map(\.id)).count == messages.count)
        for (name, other) in [
            ("chat_messages", stores.room), ("whatsappMessages", stores.whatsappMirror),
            ("chatMessages", stores.roomMirror),
        ] {
            guard let other else { continue }
            #expect(other.count == messages.count, "\(name)")
            let difference = messages.symmetricDifference(other)
            #expect(difference.isEmpty, "\(name): \(difference.sorted { $0.id < $1.id }.prefix(4))")
        }
    }

    /// Each room counts 1, 2, 3 … without a gap, and knows how far it has come.
    func expectDense() async throws {
        let rooms = try await site.stores.rows("SELECT room_name, last_sequence FROM rooms")
        var last: [String: Int64] = [:]
        for row in rooms { last[try row.text("room_name")] = try row.integer("last_sequence") }
        let byRoom = Dictionary(grouping: stores.room, by: \.room)
        #expect(Set(byRoom.keys) == Set(last.keys))
        for (room, messages) in byRoom {
            let count = Int64(messages.count)
            #expect(messages.map(\.sequence).sorted() == Array(1...count), "\(room)")
            #expect(last[room] == count, "\(room)")
        }
    }

    /// Sequences without a gap at any moment, while the load goes on.
    static func expectDense(_ site: Site) async throws {
        let broken = try await site.stores.count(
            """
            SELECT COUNT(*) AS n FROM (
                SELECT room_name FROM chat_messages GROUP BY room_name
                HAVING MIN(sequence) <> 1 OR MAX(sequence) <> COUNT(*)) AS gaps
            """)
        #expect(broken == 0)
    }
}
