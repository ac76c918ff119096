import JSON

/// A room as it stands in LiveKit's memory; a restart of the server forgets it.
package struct Room: Sendable, Hashable {
    /// As in `RM_…`; a room made again has a new one.
    package let sid: String
    package let name: String
    package let metadata: String
    /// Milliseconds since 1970.
    package let createdAt: Int64?
    /// Told a little late: `ListParticipants` is what counts.
    package let participants: Int64

    init?(_ json: JSON?) {
        guard let json = WireObject(json), let name = json.text("name") else { return nil }
        self.name = name
        sid = json.text("sid") ?? ""
        metadata = json.text("metadata") ?? ""
        createdAt = json.time("creation_time")
        participants = json.integer("num_participants") ?? 0
    }
}
