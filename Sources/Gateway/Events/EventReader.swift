import JSON
import SQL

/// Which events a listener wants.
package struct EventFilter: Sendable, Hashable {
    package var room: RoomName?
    package var account: AccountID?
    package var type: Event.Kind?

    package init(room: RoomName? = nil, account: AccountID? = nil, type: Event.Kind? = nil) {
        self.room = room
        self.account = account
        self.type = type
    }

    func accepts(_ event: Event) -> Bool {
        (room == nil || room == event.room) && (account == nil || account == event.account)
            && (type == nil || type?.rawValue == event.type)
    }
}

/// Reads events in their order, with what they tell.
struct EventReader: Sendable {
    struct Page: Sendable {
        let events: [Event]
        /// Up to where the reading came; nil when there was nothing more.
        let end: Int64?
        let isLast: Bool
    }

    let database: Database
    let messages: MessageStore
    /// Part of every id: two databases number their events alike.
    let installation: String
    let links: MediaLinks?

    /// Events of a message or a room that is gone are left out.
    /// - Parameter rooms: leave out, after `limit` was counted, what is of none of these; nil: nothing.
    func read(
        after position: Int64, _ filter: EventFilter = EventFilter(), rooms: Set<RoomName?>? = nil, limit: Int
    ) async throws -> Page {
        try await database.read { session in
            var conditions = ["position > $1"]
            var values: [SQLValue] = [.integer(position), .integer(Int64(limit))]
            func require(_ column: String, _ value: String?) {
                guard let value else { return }
                values.append(.text(value))
                conditions.append("\(column) = $\(values.count)")
            }
            require("room_name", filter.room?.rawValue)
            require("account_id", filter.account?.rawValue)
            require("type", filter.type?.rawValue)
            let page = try session.query(
                "SELECT * FROM events WHERE \(conditions.joined(separator: " AND ")) ORDER BY position LIMIT $2", values
            )
            let rows = try page.filter { row in
                try rooms?.contains(row.textOrNil("room_name").map(RoomName.init(rawValue:))) ?? true
            }
            let told = try told(rows, session)
            return Page(
                events: try rows.compactMap { row in
                    guard let data = try told(row) else { return nil }
                    return try Event(row, id: id(of: row.integer("position")), data: data)
                }, end: try page.last?.integer("position"), isLast: page.count < limit)
        }
    }

    /// What these events tell: their message, or their room and what they hold of its change, or what they hold.
    private func told(_ rows: [SQLRow], _ session: SQLSession) throws -> (SQLRow) throws -> JSON? {
        let ids = Set(try rows.compactMap { try $0.textOrNil("message_id").map(MessageID.init(rawValue:)) })
        let found = try messages.find(Array(ids), session).map { ($0.messageID.rawValue, $0.json(links: links)) }
        var data = Dictionary(found) { first, _ in first }
        let ofRooms = try rows.filter { try $0.textOrNil("message_id") == nil }
        for name in Set(try ofRooms.compactMap { try $0.textOrNil("room_name") }) {
            data[name] = try Room.find(RoomName(rawValue: name), session)?.json()
        }
        return { [data] row in
            if let id = try row.textOrNil("message_id") { return data[id] }
            guard let name = try row.textOrNil("room_name") else { return try row.json("data") }
            guard var room = data[name]?.object else { return nil }
            for (key, value) in try row.json("data")?.object ?? [:] { room[key] = value }
            return .object(room)
        }
    }

    func last() async throws -> Int64 {
        try await database.read { session in try EventLog.last(session) }
    }

    func id(of position: Int64) -> String { "evt_\(installation)_\(position)" }

    /// - Throws: `.invalid` for what is no id of this database.
    func position(of id: String, field: String) throws(GatewayError) -> Int64 {
        let prefix = self.id(of: 0).dropLast()
        guard id.hasPrefix(prefix), let position = Int64(id.dropFirst(prefix.count)), position >= 0 else {
            throw GatewayError(.invalid, "`\(field)` must be the id of an event", data: ["field": .string(field)])
        }
        return position
    }
}
