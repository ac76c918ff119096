import JSON
import SQL

/// Whether there is something to do in a room. The customer's next word opens a closed one.
package enum RoomState: String, Sendable, CaseIterable {
    case open, closed
}

/// What a team changes of a room; nil leaves things as they are.
package struct RoomChange: Sendable {
    package enum Assignment: Sendable, Hashable {
        case nobody
        case to(String)
    }

    package var assignment: Assignment?
    package var tags: [String]?
    package var state: RoomState?

    package init(assignment: Assignment? = nil, tags: [String]? = nil, state: RoomState? = nil) {
        self.assignment = assignment
        self.tags = tags
        self.state = state
    }

    /// Call it under the room's lock. What changes nothing is no event.
    func make(in room: Room, at now: Milliseconds, _ session: SQLSession) throws -> Room {
        var after = room
        switch assignment {
        case .nobody: after.assignee = nil
        case .to(let assignee): after.assignee = assignee
        case nil: break
        }
        after.tags = tags ?? room.tags
        after.state = state ?? room.state
        var changed: [String] = []
        if after.state != room.state { changed.append("state") }
        if after.assignee != room.assignee { changed.append("assignee") }
        if after.tags != room.tags { changed.append("tags") }
        guard !changed.isEmpty else { return room }

        let name = SQLValue.text(room.name.rawValue)
        try session.execute(
            "UPDATE rooms SET state = $2, assignee = $3, tags = $4, updated_at = $5 WHERE room_name = $1",
            [
                name, .text(after.state.rawValue), SQLValue(after.assignee),
                MessageColumns.json(.array(after.tags.map(JSON.string))), .integer(now),
            ])
        if after.tags != room.tags {
            try session.execute("DELETE FROM room_tags WHERE room_name = $1", [name])
            var rows = SQLRows([("room", .text), ("tag", .text)])
            for tag in after.tags { rows.append([name, .text(tag)]) }
            try session.batch(
                "INSERT INTO room_tags (room_name, tag) SELECT r.room, r.tag FROM {rows} WHERE true", rows)
        }
        EventLog.append([.roomUpdated(room.name, of: room.account, changed, at: now)], session)
        return after
    }
}

extension NewEvent {
    /// - Parameters:
    ///   - fields: what changed, as the API names it.
    ///   - reason: where nobody asked for it.
    static func roomUpdated(
        _ room: RoomName, of account: AccountID, _ fields: [String], reason: String? = nil, at now: Milliseconds
    ) -> NewEvent {
        var data: JSONObject = ["changed": .array(fields.map(JSON.string))]
        data["reason"] = reason.map(JSON.string)
        return NewEvent(.roomUpdated, account: account, room: room, at: now, data: .object(data))
    }
}
