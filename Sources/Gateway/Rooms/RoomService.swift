import JSON
import SQL
import WhatsApp

package struct RoomPage: Sendable {
    package let rooms: [Room]
    /// For the next page; nil on the last one.
    package let nextCursor: String?
}

/// Reading rooms, and what a reader does to them.
package struct RoomService: Sendable {
    let database: Database
    let accounts: AccountDirectory
    let messages: MessageStore
    let graph: GraphClient
    let clock: Clock
    let wake: @Sendable () -> Void

    /// Rooms with the latest message first.
    /// - Parameter cursor: `nextCursor` of the page before.
    package func list(
        account: AccountID? = nil, limit: Int, cursor: String? = nil
    ) async throws(GatewayError) -> RoomPage {
        let start = try cursor.map(RoomCursor.init(text:))
        do {
            let rooms = try await database.read { session in
                try session.query(
                    """
                    \(Room.selection)
                    WHERE (m.last_message_at < $1 OR (m.last_message_at = $1 AND m.room_name < $2))
                    AND ($3 = '' OR m.account_id = $3)
                    ORDER BY m.last_message_at DESC, m.room_name DESC LIMIT $4
                    """,
                    [
                        .integer(start?.time ?? .max), .text(start?.name ?? ""), .text(account?.rawValue ?? ""),
                        .integer(Int64(limit) + 1),
                    ]
                ).map(Room.init)
            }
            let page = Array(rooms.prefix(limit))
            return RoomPage(rooms: page, nextCursor: rooms.count > limit ? page.last.map { RoomCursor($0).text } : nil)
        } catch {
            throw GatewayError(wrapping: error)
        }
    }

    /// - Throws: `.notFound`.
    package func find(_ name: RoomName) async throws(GatewayError) -> Room {
        do {
            guard let room = try await database.read({ session in try Room.find(name, session) }) else {
                throw GatewayError(.notFound, "no room has this name")
            }
            return room
        } catch {
            throw GatewayError(wrapping: error)
        }
    }

    /// Marks what the customer wrote as read, here and, by a job, at WhatsApp.
    package func markRead(_ name: RoomName) async throws(GatewayError) -> Room {
        do {
            let now = clock.now()
            let marked = try await database.transaction { session in
                guard var room = try RoomLock.take([name], session)[name] else {
                    throw GatewayError(.notFound, "no room has this name")
                }
                let latest = try read(&room, at: now, session)
                if let latest {
                    try JobQueue.insert([MarkReadJob.job(for: latest, at: now)], session)
                }
                return latest != nil
            }
            if marked { wake() }
            return try await find(name)
        } catch {
            throw GatewayError(wrapping: error)
        }
    }

    /// - Returns: the newest message that was unread, nil when all were read.
    private func read(_ room: inout LockedRoom, at now: Milliseconds, _ session: SQLSession) throws -> Message? {
        let unread = try session.query(
            """
            SELECT * FROM chat_messages
            WHERE room_name = $1 AND direction = 'incoming' AND status = 'delivered'
            ORDER BY sequence
            """, [.text(room.name.rawValue)]
        ).map(Message.init)
        var read = unread
        for index in read.indices {
            read[index].status = .read
            read[index].readAt = now
        }
        try messages.update(read, at: now, session)
        room.unreadCount = 0
        try RoomLock.store([room], at: now, session)
        return read.last { $0.whatsappMessageID != nil }
    }

    /// Shows the customer that an answer is being written, for 25 seconds at most. WhatsApp ties this to the last
    /// message of the customer and marks it as read.
    package func typing(_ name: RoomName) async throws(GatewayError) {
        let room = try await find(name)
        do {
            let last = try await database.read { session in
                try session.query(
                    """
                    SELECT whatsapp_message_id FROM chat_messages
                    WHERE room_name = $1 AND direction = 'incoming' AND whatsapp_message_id IS NOT NULL
                    ORDER BY sequence DESC LIMIT 1
                    """, [.text(name.rawValue)]
                ).first?.textOrNil("whatsapp_message_id")
            }
            guard let last else {
                throw GatewayError(.conflict, "the customer has not written yet, so WhatsApp can show no typing")
            }
            guard let account = accounts.find(room.account), let token = account.token,
                let number = account.phoneNumberID
            else { throw GatewayError(.configNotFound, "the account of this room has no access token") }
            try await graph.markRead(messageID: last, typing: true, phoneNumberID: number, token: token)
        } catch let error as GraphError {
            throw GatewayError(
                .deliveryFailed, "WhatsApp refused to show typing", data: error.data, cause: error.summary)
        } catch {
            throw GatewayError(wrapping: error)
        }
        _ = try await markRead(name)
    }
}

extension GraphError {
    /// Meta's own code and words, for the caller.
    var data: JSONObject {
        guard case .refused(let error, _) = self else { return [:] }
        var data = MessageFailure(error).json().object ?? [:]
        data["reason"] = nil
        return data
    }
}

extension Room {
    static func find(_ name: RoomName, _ session: SQLSession) throws -> Room? {
        try session.query("\(selection) WHERE m.room_name = $1", [MessageColumns.text(name.rawValue)]).first.map(
            Room.init)
    }

    /// Where the conversation goes on: merged rooms point to another, which may have been merged itself.
    static func surviving(_ room: Room, _ session: SQLSession) throws -> Room {
        var room = room
        var visited: Set<RoomName> = [room.name]
        while let next = room.mergedInto, visited.insert(next).inserted, let target = try find(next, session) {
            room = target
        }
        return room
    }
}

/// A place in the list of rooms, opaque to callers.
private struct RoomCursor {
    let time: Milliseconds
    let name: String

    init(_ room: Room) {
        time = room.lastMessageAt
        name = room.name.rawValue
    }

    init(text: String) throws(GatewayError) {
        let parts = text.split(separator: "-", maxSplits: 1)
        guard parts.count == 2, let time = Milliseconds(parts[0]), parts[1].utf8.allSatisfy({ $0 > 31 }) else {
            throw GatewayError(
                .invalid, "`cursor` must be the nextCursor of the page before", data: ["field": "cursor"])
        }
        self.time = time
        name = String(parts[1])
    }

    var text: String { "\(time)-\(name)" }
}
