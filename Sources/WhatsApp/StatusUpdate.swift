import JSON

/// What became of a message of the business. Updates come in any order and more than once.
package struct StatusUpdate: Sendable, Hashable {
    /// The wamid of the message.
    package let id: String
    /// `sent`, `delivered`, `read`, `played`, `failed`, or something new.
    package let status: String
    /// Milliseconds.
    package let timestamp: Int64?
    /// The customer's number as digits, or a group's id; may be spelled otherwise than the number that was dialled.
    package let recipientID: String?
    package let recipientUserID: String?
    package let recipientParentUserID: String?
    /// In a group the participant whom the update concerns: number or, without one, user id.
    package let participant: String?
    package let isGroup: Bool
    /// The sender's own string from the send.
    package let callbackData: String?
    package let errors: [MetaError]
    package let pricing: JSON?
    package let conversation: JSON?
    package let raw: JSON

    package init(
        id: String, status: String, timestamp: Int64?, recipientID: String? = nil, recipientUserID: String? = nil,
        recipientParentUserID: String? = nil, participant: String? = nil, isGroup: Bool = false,
        callbackData: String? = nil, errors: [MetaError] = [], pricing: JSON? = nil, conversation: JSON? = nil,
        raw: JSON = [:]
    ) {
        self.id = id
        self.status = status
        self.timestamp = timestamp
        self.recipientID = recipientID
        self.recipientUserID = recipientUserID
        self.recipientParentUserID = recipientParentUserID
        self.participant = participant
        self.isGroup = isGroup
        self.callbackData = callbackData
        self.errors = errors
        self.pricing = pricing
        self.conversation = conversation
        self.raw = raw
    }

    /// Nil when it doesn't say which message it is about, or what happened.
    init?(_ item: LooseObject) {
        guard let id = item.text("id"), let status = item.text("status") else { return nil }
        self.init(
            id: id, status: status, timestamp: item.milliseconds("timestamp"), recipientID: item.phone("recipient_id"),
            recipientUserID: item.text("recipient_user_id"),
            recipientParentUserID: item.text("recipient_parent_user_id", or: "parent_recipient_user_id"),
            participant: item.phone("recipient_participant_id") ?? item.phone("participant_recipient_id")
                ?? item.text("recipient_participant_user_id"),
            isGroup: item.text("recipient_type") == "group", callbackData: item.text("biz_opaque_callback_data"),
            errors: MetaError.parseList(item["errors"]), pricing: item.object("pricing")?.json,
            conversation: item.object("conversation")?.json, raw: item.json)
    }
}
