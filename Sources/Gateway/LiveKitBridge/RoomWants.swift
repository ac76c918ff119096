/// What events want of LiveKit.
struct RoomWants: Sendable {
    /// The room should be there: a conversation begins or goes on.
    private(set) var room = false
    /// The customer should be answered.
    private(set) var agent = false
    /// For those in the room.
    let told: [Event]

    var anything: Bool { room || !told.isEmpty }

    /// - Parameter age: of events that those in the room are still told of.
    init(_ events: [Event], of room: Room, at now: Milliseconds, telling age: Milliseconds) {
        told = events.filter { $0.timestamp > now - age }
        // The conversation goes on in another room.
        guard room.mergedInto == nil else { return }
        for event in events where event.timestamp > now - ServiceWindow.length {
            switch Event.Kind(rawValue: event.type) {
            case .messageReceived?: (self.room, agent) = (true, true)
            // Unless it is history, from before the gateway knew the number.
            case .roomCreated?, .messageCreated?, .messageSent?:
                self.room = self.room || room.lastMessageAt > now - ServiceWindow.length
            default: break
            }
        }
    }
}
