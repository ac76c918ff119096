import LiveKit
import SQL

/// Who is in each LiveKit room: what its webhooks tell, made right by what `ListParticipants` says. A participant's sid is
/// of one stay alone, so that one who has left stays gone, whatever comes late or again.
enum Presence {
    /// - Returns: false for a room that is none of ours.
    @discardableResult
    static func apply(_ event: WebhookEvent, at now: Milliseconds, _ session: SQLSession) throws -> Bool {
        guard let room = event.room else { return false }
        let name = RoomName(rawValue: room.name)
        guard try RoomLock.keep(name, session) else { return false }
        switch event.kind {
        case .roomStarted: try note(sid: room.sid, of: name, session)
        case .roomFinished: try finish(name, sid: room.sid, at: now, session)
        case .participantJoined:
            try note(sid: room.sid, of: name, session)
            if let participant = event.participant {
                try insert([RoomParticipant(participant)], name, at: now, session)
            }
        case .participantLeft, .participantConnectionAborted:
            guard let participant = event.participant.map(RoomParticipant.init) else { break }
            try insert([participant], name, at: now, session)
            try session.execute(
                "UPDATE livekit_participants SET left_at = $2 WHERE participant_sid = $1 AND left_at IS NULL",
                [.text(participant.sid), .integer(now)])
        case .other: break
        }
        if event.dropped > 0 {
            try session.execute(
                "UPDATE livekit_rooms SET checked_at = 0 WHERE room_name = $1", [.text(name.rawValue)])
        }
        return true
    }

    /// Makes the stored list the one that LiveKit gave. Who joined after it was asked for is left alone.
    /// - Parameters:
    ///   - name: of a room that `RoomLock.keep` has found.
    ///   - asked: when the list was asked for.
    static func correct(
        _ name: RoomName, _ participants: [RoomParticipant], asked: Milliseconds, at now: Milliseconds,
        _ session: SQLSession
    ) throws {
        try insert(participants, name, at: asked, session)
        let there = Set(participants.map(\.sid))
        var gone = SQLRows([("sid", .text), ("now", .bigint)])
        for row in try session.query(
            "SELECT participant_sid FROM livekit_participants WHERE room_name = $1 AND left_at IS NULL AND noted_at <= $2",
            [.text(name.rawValue), .integer(asked)])
        {
            let sid = try row.text("participant_sid")
            if !there.contains(sid) { gone.append([.text(sid), .integer(now)]) }
        }
        try session.batch(
            "UPDATE livekit_participants SET left_at = r.now FROM {rows} WHERE participant_sid = r.sid", gone)
        try session.execute(
            """
            INSERT INTO livekit_rooms (room_name, checked_at) VALUES ($1, $2)
            ON CONFLICT (room_name) DO UPDATE SET checked_at = excluded.checked_at
            """, [.text(name.rawValue), .integer(asked)])
    }

    static func participants(in name: RoomName, _ session: SQLSession) throws -> [RoomParticipant] {
        try session.query(
            """
            SELECT * FROM livekit_participants WHERE room_name = $1 AND left_at IS NULL
            ORDER BY joined_at, participant_sid
            """, [.text(name.rawValue)]
        ).map(RoomParticipant.init)
    }

    /// Notes which of LiveKit's rooms of that name it is. Who was in an earlier one is gone with it.
    /// - Parameter name: of a room that `RoomLock.keep` has found.
    static func note(sid: String, of name: RoomName, _ session: SQLSession) throws {
        try session.execute(
            """
            INSERT INTO livekit_rooms (room_name, sid) VALUES ($1, $2)
            ON CONFLICT (room_name) DO UPDATE SET sid = excluded.sid
            """, [.text(name.rawValue), .text(sid)])
    }

    private static func finish(
        _ name: RoomName, sid: String, at now: Milliseconds, _ session: SQLSession
    ) throws {
        let isPresent =
            try session.execute(
                "UPDATE livekit_rooms SET sid = NULL WHERE room_name = $1 AND sid = $2",
                [.text(name.rawValue), .text(sid)]) == 1
        // The end of an earlier room that comes late says nothing about those in this one.
        guard isPresent else { return }
        try session.execute(
            "UPDATE livekit_participants SET left_at = $2 WHERE room_name = $1 AND left_at IS NULL",
            [.text(name.rawValue), .integer(now)])
    }

    private static func insert(
        _ participants: [RoomParticipant], _ name: RoomName, at now: Milliseconds, _ session: SQLSession
    ) throws {
        var rows = SQLRows([
            ("sid", .text), ("room", .text), ("identity", .text), ("name", .text), ("kind", .text),
            ("agent", .boolean), ("joined", .bigint), ("noted", .bigint),
        ])
        for participant in participants {
            rows.append([
                .text(participant.sid), .text(name.rawValue), MessageColumns.text(participant.identity),
                MessageColumns.text(participant.name), .text(participant.kind), .bool(participant.isAgent),
                SQLValue(participant.joinedAt), .integer(now),
            ])
        }
        try session.batch(
            """
            INSERT INTO livekit_participants
                (participant_sid, room_name, identity, name, kind, is_agent, joined_at, noted_at)
            SELECT r.sid, r.room, r.identity, r.name, r.kind, r.agent, r.joined, r.noted FROM {rows} WHERE true
            ON CONFLICT (participant_sid) DO NOTHING
            """, rows)
    }
}
