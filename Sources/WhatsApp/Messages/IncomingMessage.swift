import JSON

/// One message as Meta sent it: a customer's, or in echoes and history the business' own. Every part may be missing.
package struct IncomingMessage: Sendable, Hashable {
    /// The wamid.
    package let id: String?
    /// Digits; in a group the participant. Missing when the sender is known by user id only.
    package let from: String?
    package let fromUserID: String?
    package let fromParentUserID: String?
    /// Only in echoes and history.
    package let to: String?
    package let toUserID: String?
    package let groupID: String?
    /// Milliseconds, made of Meta's seconds: it does not order messages.
    package let timestamp: Int64?
    /// Meta's word for the kind, as received; empty when there is none.
    package let type: String
    package let content: MessageContent
    package let context: MessageContext?
    /// The ad or post that led the customer here.
    package let referral: JSON?
    package let errors: [MetaError]
    package let raw: JSON

    package init(
        id: String?, from: String?, fromUserID: String? = nil, fromParentUserID: String? = nil, to: String? = nil,
        toUserID: String? = nil, groupID: String? = nil, timestamp: Int64?, type: String, content: MessageContent,
        context: MessageContext? = nil, referral: JSON? = nil, errors: [MetaError] = [], raw: JSON = [:]
    ) {
        self.id = id
        self.from = from
        self.fromUserID = fromUserID
        self.fromParentUserID = fromParentUserID
        self.to = to
        self.toUserID = toUserID
        self.groupID = groupID
        self.timestamp = timestamp
        self.type = type
        self.content = content
        self.context = context
        self.referral = referral
        self.errors = errors
        self.raw = raw
    }

    init(_ message: LooseObject) {
        self.init(
            id: message.text("id"), from: message.phone("from"), fromUserID: message.text("from_user_id"),
            fromParentUserID: message.text("from_parent_user_id"), to: message.phone("to"),
            toUserID: message.text("to_user_id"), groupID: message.text("group_id"),
            timestamp: message.milliseconds("timestamp"), type: message.text("type") ?? "",
            content: MessageContent(message), context: message.object("context").flatMap(MessageContext.init),
            referral: message.object("referral").flatMap { $0.json == [:] ? nil : $0.json },
            errors: MetaError.parseList(message["errors"]), raw: message.json)
    }
}
