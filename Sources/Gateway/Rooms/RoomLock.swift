import SQL

/// A room whose row this transaction holds, so that its sequence is this transaction's to give out.
struct LockedRoom {
    let name: RoomName
    let account: AccountID
    let contact: ContactID
    var lastSequence: Int64
    var lastMessageAt: Milliseconds
    var lastInboundAt: Milliseconds
    var unreadCount: Int64
    private(set) var isClosed: Bool
    /// Closed until this transaction.
    fileprivate private(set) var isReopened = false
    private let stored: [Int64]

    /// What is read of a room `m` beside the names of room, account and contact.
    static let counters = "m.last_sequence, m.last_message_at, m.last_inbound_at, m.unread_count, m.state"

    init(_ row: SQLRow) throws {
        name = RoomName(rawValue: try row.text("room_name"))
        account = AccountID(rawValue: try row.text("account_id"))
        contact = ContactID(rawValue: try row.text("contact_id"))
        lastSequence = try row.integer("last_sequence")
        lastMessageAt = try row.integer("last_message_at")
        lastInboundAt = try row.integer("last_inbound_at")
        unreadCount = try row.integer("unread_count")
        isClosed = try row.text("state") == RoomState.closed.rawValue
        stored = [lastSequence, lastMessageAt, lastInboundAt, unreadCount]
    }

    fileprivate var hasChanged: Bool { stored != [lastSequence, lastMessageAt, lastInboundAt, unreadCount] }

    /// The customer has written: a closed room is open again.
    mutating func reopen() {
        guard isClosed else { return }
        isClosed = false
        isReopened = true
    }

    mutating func nextSequence() -> Int64 {
        lastSequence += 1
        return lastSequence
    }
}

enum RoomLock {
    /// Keeps a room from being erased until the transaction ends; its messages and everything else may change. To be
    /// called before anything is written that hangs on the room.
    /// - Returns: whether it is there.
    static func keep(_ name: RoomName, _ session: SQLSession) throws -> Bool {
        try !session.query(
            "SELECT room_name FROM rooms WHERE room_name = $1 {for key share}", [.text(name.rawValue)]
        ).isEmpty
    }

    /// Locks the rooms in the order of their names. Every transaction that writes messages goes through here, once
    /// and before it writes, so none waits for another in a circle. Rows that only refer to a room need not wait for it.
    static func take(_ names: some Sequence<RoomName>, _ session: SQLSession) throws -> [RoomName: LockedRoom] {
        try request(names, session)()
    }

    /// `take` in two steps: what is sent after this runs under the locks, and the rooms are there when the answer is
    /// called for.
    static func request(
        _ names: some Sequence<RoomName>, _ session: SQLSession
    ) throws -> () throws -> [RoomName: LockedRoom] {
        var rows = SQLRows([("name", .text)])
        for name in Set(names).sorted() { rows.append([.text(name.rawValue)]) }
        let answer = try session.send(
            """
            SELECT m.room_name, m.account_id, m.contact_id, \(LockedRoom.counters)
            FROM rooms m WHERE m.room_name IN (SELECT r.name FROM {rows}) ORDER BY m.room_name {for no key update}
            """, rows)
        return {
            let rooms = try answer.rows().map(LockedRoom.init)
            return Dictionary(uniqueKeysWithValues: rooms.map { ($0.name, $0) })
        }
    }

    static func store(_ rooms: some Sequence<LockedRoom>, at now: Milliseconds, _ session: SQLSession) throws {
        var rows = SQLRows([
            ("name", .text), ("last_sequence", .bigint), ("last_message_at", .bigint), ("last_inbound_at", .bigint),
            ("unread_count", .bigint), ("updated_at", .bigint),
        ])
        for room in rooms where room.hasChanged {
            rows.append([
                .text(room.name.rawValue), .integer(room.lastSequence), .integer(room.lastMessageAt),
                .integer(room.lastInboundAt), .integer(room.unreadCount), .integer(now),
            ])
        }
        try session.send(
            """
            UPDATE rooms SET last_sequence = r.last_sequence, last_message_at = r.last_message_at,
                last_inbound_at = r.last_inbound_at, unread_count = r.unread_count, updated_at = r.updated_at
            FROM {rows} WHERE rooms.room_name = r.name
            """, rows)
        // Apart, because it is rare: the statement above runs for every message.
        var reopened = SQLRows([("name", .text)])
        for room in rooms where room.isReopened {
            reopened.append([.text(room.name.rawValue)])
            EventLog.append([.roomUpdated(room.name, of: room.account, ["state"], reason: "message", at: now)], session)
        }
        try session.send("UPDATE rooms SET state = 'open' FROM {rows} WHERE rooms.room_name = r.name", reopened)
    }
}
