import JSON

/// What an item of a webhook says. The large cases are indirect, so that a thousand statuses take little room.
package enum WebhookContent: Sendable, Hashable {
    indirect case message(IncomingMessage, sender: WebhookContact?)
    /// A message that the business wrote in its phone app.
    indirect case echo(IncomingMessage, contact: WebhookContact?)
    /// A message from before the number joined the Cloud API, or the media of one. Its direction is told by `from`.
    /// - Parameters:
    ///   - threadID: the customer's number; absent for media that follow later.
    ///   - status: `READ`, `DELIVERED`, `SENT`, `PLAYED`, `PENDING`, `ERROR`, or something new.
    indirect case history(IncomingMessage, threadID: String?, status: String?)
    indirect case status(StatusUpdate, contact: WebhookContact?)
    indirect case identityChange(IdentityChange)
    indirect case call(CallEvent)
    indirect case contactSync(ContactSync)
    /// Errors that belong to no message.
    case errors([MetaError])
    /// The whole value of a field that is known and tells of no message.
    indirect case notice(JSON)
    /// What could not be understood, in words and as received.
    indirect case unsupported(reason: String, raw: JSON)
}
