import Mongo
import SQL

/// How the two stores differed in one room and collection.
package struct RoomDifference: Sendable, Hashable {
    package let collection: String
    package let room: String
    /// MongoDB had no copy.
    package var missing = 0
    /// MongoDB had an older revision.
    package var stale = 0
    /// MongoDB had a message that SQL has no more.
    package var surplus = 0
    /// MongoDB had a newer revision than SQL, as after SQL was restored from a backup.
    package var ahead = 0
}

/// A document that MongoDB does not take.
package struct RefusedDocument: Sendable, Hashable {
    package let collection: String
    package let room: String
    package let id: String
    /// MongoDB's own words.
    package let reason: String
    package let failures: Int64
}

package struct ReconcileReport: Sendable {
    /// Documents that should be there.
    package var compared = 0
    /// Rooms that differed, by name.
    package var differences: [RoomDifference] = []
    /// What MongoDB refused, by room: tried again by a repair, and left out if it is refused once more.
    package var refused: [RefusedDocument] = []
    package var isLevel: Bool { differences.isEmpty && refused.isEmpty }
}

/// Compares every message's copy in MongoDB with SQL, in the order of their ids, and mends what differs. What has
/// outlived its time counts on neither side: each store removes it at a moment of its own.
package struct ReconcileService: Sendable {
    let database: Database
    let mongo: MongoClient
    let mirror: MirrorService
    let clock: Clock

    private static let page = 1000

    private struct Entry: Sendable {
        let id: String
        let room: String
        let revision: Int64
    }

    /// - Parameter repairing: false only reports.
    /// - Throws: `.unavailable` when one of the stores can't be reached.
    package func reconcile(repairing: Bool) async throws(GatewayError) -> ReconcileReport {
        var report = ReconcileReport()
        do {
            try await mirror.prepare()
            for collection in MirrorCollection.allCases { try await compare(collection, repairing, &report) }
            // A batch that isn't full has taken all that was due; a running gateway may bring more without end.
            if repairing { while try await mirror.drain() == MirrorService.batch {} }
            report.refused = try await mirror.refused()
        } catch let error as MongoError {
            throw GatewayError(.unavailable, "MongoDB can't be reached", cause: error.message)
        } catch {
            throw GatewayError(wrapping: error)
        }
        return report
    }

    private func compare(
        _ collection: MirrorCollection, _ repairing: Bool, _ report: inout ReconcileReport
    ) async throws {
        var differences: [String: RoomDifference] = [:]
        func note(_ room: String, _ change: (inout RoomDifference) -> Void) {
            change(&differences[room, default: RoomDifference(collection: collection.rawValue, room: room)])
        }
        var last = ""
        while true {
            let wanted = try await stored(collection, after: last)
            // The last page reaches to the end of the ids: MongoDB may hold some beyond SQL's last.
            let end = wanted.count < Self.page ? nil : wanted.last?.id
            let copies = try await copied(collection, after: last, upTo: end)
            let revisions = Dictionary(copies.map { ($0.id, $0.revision) }) { first, _ in first }
            var behind: [Entry] = []
            var newer: [Entry] = []
            for entry in wanted {
                guard let revision = revisions[entry.id] else {
                    note(entry.room) { $0.missing += 1 }
                    behind.append(entry)
                    continue
                }
                if revision < entry.revision {
                    note(entry.room) { $0.stale += 1 }
                    behind.append(entry)
                } else if revision > entry.revision {
                    newer.append(Entry(id: entry.id, room: entry.room, revision: revision))
                }
            }
            let surplus = try await without(copies, wanted, collection)
            for entry in surplus { note(entry.room) { $0.surplus += 1 } }
            let ahead = try await stillAhead(newer, collection)
            for entry in ahead { note(entry.room) { $0.ahead += 1 } }
            if repairing {
                let wrong = (surplus + ahead).map(\.id)
                if !wrong.isEmpty { _ = try await mongo.delete(ids: wrong, from: collection.rawValue) }
                try await mark(behind + ahead, collection)
            }
            report.compared += wanted.count
            guard let end else { break }
            last = end
        }
        report.differences += differences.values.sorted { $0.room < $1.room }
    }

    private static func table(_ collection: MirrorCollection) -> String {
        switch collection {
        case .whatsappMessages: "whatsapp_messages"
        case .chatMessages: "chat_messages"
        }
    }

    private func stored(_ collection: MirrorCollection, after id: String) async throws -> [Entry] {
        try await database.read { session in
            try session.query(
                """
                SELECT message_id, room_name, revision FROM \(Self.table(collection))
                WHERE message_id > $1 AND expires_at > $2 ORDER BY message_id LIMIT $3
                """, [.text(id), .integer(clock.now()), .integer(Int64(Self.page))]
            ).map { row in
                Entry(
                    id: try row.text("message_id"), room: try row.text("room_name"),
                    revision: try row.integer("revision"))
            }
        }
    }

    private func copied(
        _ collection: MirrorCollection, after id: String, upTo end: String?
    ) async throws -> [Entry] {
        var range: BSONDocument = ["$gt": .string(id)]
        if let end { range["$lte"] = .string(end) }
        let found = try await mongo.find(
            in: collection.rawValue,
            filter: [
                "_id": .document(range),
                // A document without the date, or with none, would stay for ever.
                "expiresAt": ["$not": ["$lte": .date(milliseconds: clock.now())]],
            ], sort: ["_id": 1],
            projection: ["_id": 1, "roomName": 1, "revision": 1])
        return found.compactMap { document in
            guard let id = document["_id"]?.string else { return nil }
            return Entry(
                id: id, room: document["roomName"]?.string ?? "", revision: document["revision"]?.integer ?? 0)
        }
    }

    /// Copies of messages that SQL does not have. Looked up again, since a message may have come between the looks.
    private func without(
        _ copies: [Entry], _ wanted: [Entry], _ collection: MirrorCollection
    ) async throws -> [Entry] {
        let known = Set(wanted.map(\.id))
        let candidates = copies.filter { !known.contains($0.id) }
        guard !candidates.isEmpty else { return [] }
        var rows = SQLRows([("id", .text)])
        for entry in candidates { rows.append([.text(entry.id)]) }
        let lookup = rows
        let present = try await revisions(lookup, collection)
        return candidates.filter { present[$0.id] == nil }
    }

    /// Copies that are newer than SQL even now: a message may have changed between the looks.
    private func stillAhead(_ entries: [Entry], _ collection: MirrorCollection) async throws -> [Entry] {
        guard !entries.isEmpty else { return [] }
        var rows = SQLRows([("id", .text)])
        for entry in entries { rows.append([.text(entry.id)]) }
        let present = try await revisions(rows, collection)
        return entries.compactMap { entry in
            guard let revision = present[entry.id], revision < entry.revision else { return nil }
            return Entry(id: entry.id, room: entry.room, revision: revision)
        }
    }

    private func revisions(_ ids: SQLRows, _ collection: MirrorCollection) async throws -> [String: Int64] {
        try await database.read { session in
            let rows = try session.batch(
                "SELECT r.id, m.revision FROM {rows} JOIN \(Self.table(collection)) m ON m.message_id = r.id", ids)
            return Dictionary(uniqueKeysWithValues: try rows.map { (try $0.text("id"), try $0.integer("revision")) })
        }
    }

    private func mark(_ entries: [Entry], _ collection: MirrorCollection) async throws {
        var rows = SQLRows([
            ("collection", .text), ("message_id", .text), ("revision", .bigint), ("queued_at", .bigint),
        ])
        let now = clock.now()
        for entry in entries {
            rows.append([
                .text(collection.rawValue), .text(entry.id), .integer(entry.revision), .integer(now),
            ])
        }
        let marks = rows
        try await database.transaction { session in try MessageStore.mark(marks, session) }
    }
}
