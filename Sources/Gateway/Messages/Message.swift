import JSON

/// One message as its room sees it. A value: what happens to it is decided here, and stored by `MessageStore`.
package struct Message: Sendable, Hashable {
    package let messageID: MessageID
    package let account: AccountID
    package var whatsappMessageID: String?
    /// Identity of a message that came without an id: a hash of the item.
    var sourceKey: String?
    package var phoneNumber: String?
    package let roomName: RoomName
    let contact: ContactID
    /// Dense in its room from 1; 0 for what has no place in the room's order.
    package let sequence: Int64
    package let direction: MessageDirection
    /// WhatsApp's own kind, or `unsupported`.
    package var type: String
    package var status: MessageStatus
    package var text: String?
    package var media = MessageMedia()
    package var caption: String?
    /// The message this one answers, by either id.
    package var replyTo: String?
    package var reactions: [Reaction] = []
    package var location: JSON?
    package var contacts: JSON?
    package var interactive: JSON?
    /// What only some kinds have (order, system, button, referral, template …), shown beside the other fields.
    package var extras: JSONObject = [:]
    package var metadata: JSON?
    package var sender: JSON?
    /// A note: seen in the room, never sent.
    package var isPrivate = false
    package let timestamp: Milliseconds
    package var sentAt: Milliseconds?
    package var deliveredAt: Milliseconds?
    package var readAt: Milliseconds?
    package var playedAt: Milliseconds?
    package var failedAt: Milliseconds?
    package var failure: MessageFailure?
    /// How far a message to a group has come with each participant that WhatsApp reported on.
    package var participants: [Participant] = []
    package var editedAt: Milliseconds?
    package var deletedAt: Milliseconds?
    /// Grows with each change; MongoDB keeps the newest.
    package var revision: Int64 = 1
    package let createdAt: Milliseconds
    package var updatedAt: Milliseconds
    package let expiresAt: Milliseconds

    /// Media of a message; all fields are nil for other kinds.
    package struct MessageMedia: Sendable, Hashable {
        package var kind: String?
        package var status: MediaStatus?
        /// Why the file was refused or could not be had.
        package var reason: String?
        /// Path under `/uploads/whatsapp/` once the file is there.
        package var url: String?
        package var fileName: String?
        package var fileSize: Int64?
        package var mimeType: String?
        package var sha256: String?
        /// Meta's id of the object.
        package var graphID: String?
    }

    package struct Reaction: Sendable, Hashable {
        package let from: String
        package let emoji: String
        package let timestamp: Milliseconds
    }
}

extension Message {
    /// Whether `whatsapp_messages` has it: all but notes.
    var isOnWhatsApp: Bool { !isPrivate }
    /// Whether `chat_messages` has it: all but reactions, which change another message.
    var isInRoom: Bool { sequence > 0 }

    /// Whether its room counts it as unread. Nobody was waiting for what came with the history.
    var isUnread: Bool { direction == .incoming && status == .delivered && deliveredAt != nil }

    /// Takes a report about this message in: times are kept whatever the order, the status only rises. In a group the
    /// message itself is as far as the participant for whom it came furthest, and fails for the group as a whole only.
    /// - Returns: whether anything changed.
    mutating func apply(_ report: StatusReport) -> Bool {
        let before = self
        if let id = report.participant {
            let index = participants.firstIndex { $0.id == id } ?? participants.endIndex
            if index == participants.endIndex { participants.append(Participant(id: id)) }
            participants[index].apply(report)
            if report.status == .failed { return self != before }
        }
        switch report.status {
        case .sent: sentAt = earliest(sentAt, report.timestamp)
        case .delivered: deliveredAt = earliest(deliveredAt, report.timestamp)
        case .read: readAt = earliest(readAt, report.timestamp)
        case .played: playedAt = earliest(playedAt, report.timestamp)
        case .failed:
            failedAt = earliest(failedAt, report.timestamp)
            failure = report.failure ?? failure
        case .pending, .unknown: return false
        }
        if status == .unknown, report.status != .failed { failure = nil }
        status = max(status, report.status)
        return self != before
    }

    private func earliest(_ known: Milliseconds?, _ new: Milliseconds) -> Milliseconds { min(known ?? new, new) }

    /// `failedReason` is shown while the message counts as failed; an error that a delivery outran stays in the store.
    var failedReason: String? { status == .failed ? failure?.reason : nil }
}

/// One status of Meta's about one message.
struct StatusReport: Sendable, Hashable {
    let status: MessageStatus
    let timestamp: Milliseconds
    let failure: MessageFailure?
    /// In a group the one whom it concerns.
    var participant: String?
}
