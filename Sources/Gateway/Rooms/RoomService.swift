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

    private static let noRoom = GatewayError(.notFound, "no room has this name")

    /// Rooms with the latest message first.
    /// - Parameter cursor: `nextCursor` of the page before.
    package func list(
        _ filter: RoomFilter = RoomFilter(), limit: Int, cursor: String? = nil
    ) async throws(GatewayError) -> RoomPage {
        let start = try cursor.map(RoomCursor.init(text:))
        do {
            let rooms = try await database.read { session in
                try filter.rooms(after: start, limit: limit + 1, session)
            }
            let page = Array(rooms.prefix(limit))
            return RoomPage(rooms: page, nextCursor: rooms.count > limit ? page.last.map { RoomCursor($0).text } : nil)
        } catch {
            throw GatewayError(wrapping: error)
        }
    }

    /// - Throws: `.notFound`.
    package func change(_ name: RoomName, _ change: RoomChange) async throws(GatewayError) -> Room {
        do {
            let now = clock.now()
            return try await database.transaction { session in
                guard try RoomLock.take([name], session)[name] != nil, let room = try Room.find(name, session) else {
                    throw Self.noRoom
                }
                return try change.make(in: room, at: now, session)
            }
        } catch {
            throw GatewayError(wrapping: error)
        }
    }

    /// - Throws: `.notFound`.
    package func find(_ name: RoomName) async throws(GatewayError) -> Room {
        do {
            guard let room = try await database.read({ session in try Room.find(name, session) }) else {
                throw Self.noRoom
            }
            return room
        } catch {
            throw GatewayError(wrapping: error)
        }
    }

    /// Marks what the customer wrote as read, here and, by a job, at WhatsApp.
    package func markRead(_ name: RoomName) async throws(GatewayError) -> Room {
        do {
            var page = ReadPage(last: 0, isFinal: false, isToldToWhatsApp: false)
            while !page.isFinal {
                let (now, start) = (clock.now(), page.last)
                page = try await database.transaction { session in
                    guard var room = try RoomLock.take([name], session)[name] else { throw Self.noRoom }
                    return try read(&room, after: start, at: now, session)
                }
                if page.isToldToWhatsApp { wake() }
            }
            return try await find(name)
        } catch {
            throw GatewayError(wrapping: error)
        }
    }

    /// What one transaction of `markRead` did.
    private struct ReadPage {
        /// The sequence it came to.
        let last: Int64
        let isFinal: Bool
        let isToldToWhatsApp: Bool
    }

    /// A room nobody looked at for months must not fill the memory, nor be locked for long.
    private static let readPageSize = 500

    private func read(
        _ room: inout LockedRoom, after start: Int64, at now: Milliseconds, _ session: SQLSession
    ) throws -> ReadPage {
        let unread = try session.query(
            """
            SELECT * FROM chat_messages
            WHERE room_name = $1 AND direction = 'incoming' AND status = 'delivered' AND sequence > $2
            ORDER BY sequence LIMIT $3
            """, [.text(room.name.rawValue), .integer(start), .integer(Int64(Self.readPageSize))]
        ).map(Message.init)
        let read = unread.map { message in
            var message = message
            message.status = .read
            message.readAt = now
            return message
        }
        let isFinal = read.count < Self.readPageSize
        try messages.update(Array(zip(unread, read)), at: now, session)
        if isFinal, room.unreadCount > 0 || start > 0 {
            EventLog.append([.roomUpdated(room.name, of: room.account, ["unreadCount"], at: now)], session)
        }
        room.unreadCount = isFinal ? 0 : max(0, room.unreadCount - Int64(unread.count(where: \.isUnread)))
        try RoomLock.store([room], at: now, session)
        // WhatsApp takes a message and all before it as read.
        let latest = read.last { $0.whatsappMessageID != nil }
        if let latest { try JobQueue.insert([MarkReadJob.job(for: latest, at: now)], session) }
        return ReadPage(last: read.last?.sequence ?? start, isFinal: isFinal, isToldToWhatsApp: latest != nil)
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
