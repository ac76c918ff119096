/// What listeners are told of a message. What has no place in the room's order, such as a reaction that goes out, is
/// told of by what it does to another message.
enum MessageEvents {
    /// - Parameter isHistory: from before the gateway knew the number: nobody wants an answer to that.
    static func created(_ message: Message, isHistory: Bool) -> [NewEvent] {
        guard message.isInRoom else { return [] }
        if isHistory { return [NewEvent(.messageCreated, of: message)] }
        if message.direction == .incoming { return [NewEvent(.messageReceived, of: message)] }
        let reached = reached(from: nil, to: message)
        return reached.isEmpty ? [NewEvent(.messageCreated, of: message)] : reached
    }

    static func changed(from before: Message, to after: Message) -> [NewEvent] {
        guard after.isInRoom else { return [] }
        var events = reached(from: before, to: after)
        if before.media.status != after.media.status {
            switch after.media.status {
            case .ready: events.append(NewEvent(.mediaReady, of: after))
            case .rejected, .expired: events.append(NewEvent(.mediaRejected, of: after))
            case .pending, nil: break
            }
        }
        return events.isEmpty ? [NewEvent(.messageUpdated, of: after)] : events
    }

    /// One event for each step that is new, in the order of the steps, also where they were reported at once.
    private static func reached(from before: Message?, to after: Message) -> [NewEvent] {
        var kinds: [Event.Kind] = []
        func step(_ kind: Event.Kind, _ time: KeyPath<Message, Milliseconds?>) {
            if before?[keyPath: time] == nil, after[keyPath: time] != nil { kinds.append(kind) }
        }
        step(.messageSent, \.sentAt)
        // The customer's own messages have been delivered from the start.
        if after.direction == .outgoing { step(.messageDelivered, \.deliveredAt) }
        step(.messageRead, \.readAt)
        if after.status == .failed, before?.status != .failed { kinds.append(.messageFailed) }
        return kinds.map { NewEvent($0, of: after) }
    }
}
