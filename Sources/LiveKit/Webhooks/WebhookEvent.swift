import JSON

/// What LiveKit tells of a room. Comes in order for each room; the same `id` comes again when an answer was lost.
package struct WebhookEvent: Sendable, Hashable {
    package enum Kind: Sendable, Hashable {
        case roomStarted, roomFinished
        case participantJoined, participantLeft
        /// It never came through.
        case participantConnectionAborted
        /// One of the others: tracks, egress, ingress, or a kind not known here.
        case other(String)
    }

    /// As in `EV_…`.
    package let id: String
    package let kind: Kind
    /// Milliseconds since 1970.
    package let createdAt: Int64?
    package let room: Room?
    package let participant: ParticipantInfo?
    /// How many events before this one were never told: what is known of the room has to be asked for anew.
    package let dropped: Int64

    /// Nil when it is no object, or has no event in it. Fields that are missing or unknown are no fault.
    init?(_ json: JSON) {
        guard let json = WireObject(json), let event = json.text("event") else { return nil }
        kind = Kind(event)
        id = json.text("id") ?? ""
        createdAt = json.time("created_at")
        room = Room(json["room"])
        participant = ParticipantInfo(json["participant"])
        dropped = json.integer("num_dropped") ?? 0
    }
}

extension WebhookEvent.Kind {
    fileprivate init(_ event: String) {
        self =
            switch event {
            case "room_started": .roomStarted
            case "room_finished": .roomFinished
            case "participant_joined": .participantJoined
            case "participant_left": .participantLeft
            case "participant_connection_aborted": .participantConnectionAborted
            default: .other(event)
            }
    }
}
