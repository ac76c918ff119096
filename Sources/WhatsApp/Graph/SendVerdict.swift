import Fetch
import JSON

/// What Meta made of an accepted message.
package struct SendReceipt: Sendable, Hashable {
    /// The wamid.
    package let messageID: String
    /// The number, in digits, that WhatsApp made of the one given; the group's id in a send to a group.
    package let waID: String?
    /// Business-scoped user id, in a send to one.
    package let userID: String?
    /// Only of templates: `accepted`, `held_for_quality_assessment`.
    package let messageStatus: String?

    package init(messageID: String, waID: String? = nil, userID: String? = nil, messageStatus: String? = nil) {
        self.messageID = messageID
        self.waID = waID
        self.userID = userID
        self.messageStatus = messageStatus
    }
}

/// How one attempt to send ended.
package enum SendVerdict: Sendable, Equatable {
    /// Accepted, not yet delivered.
    case sent(SendReceipt)
    /// Surely not sent, and may heal. `nil`: the caller's own backoff.
    case retry(after: Duration?, MetaError)
    /// Surely not sent; nothing is wrong with the message itself. See `GraphTreatment.pause`.
    case pause(PauseScope, for: Duration?, MetaError)
    /// Refused for good.
    case fail(MetaError)
    /// It may have been sent or not: why that can't be told.
    case unknown(String)

    package static func judge(status: Int, headers: FetchHeaders, body: [UInt8]) -> SendVerdict {
        let reply = GraphReply(status: status, body: body)
        guard let json = reply.json else { return .unknown("HTTP \(status) with a body that is no JSON") }
        if 200..<300 ~= status, let receipt = SendReceipt(json) {
            guard receipt.messageStatus == "paused" else { return .sent(receipt) }
            let why = "Meta has paused the template; the message will not go out"
            return .fail(MetaError(code: nil, title: "Template paused", message: why, httpStatus: status))
        }
        guard let error = reply.error else {
            return .unknown("HTTP \(status) with neither a message id nor an error")
        }
        // Only an error of Meta's own says that nothing was sent; a proxy's in JSON does not.
        if error.code == nil, status < 400 || status >= 500 {
            return .unknown("HTTP \(status) with an error without a code")
        }
        // Nothing else that the account sends would pass either; other calls may well.
        if error.refusesAccount { return .pause(.account, for: nil, error) }
        switch GraphTreatment(of: error, status: status, headers: headers) {
        case .retry(let wait): return .retry(after: wait, error)
        case .pause(let scope, let wait): return .pause(scope, for: wait, error)
        case .fail: return .fail(error)
        }
    }

    /// For a send without an answer.
    package static func judge(_ error: FetchError) -> SendVerdict {
        switch error {
        case .invalidURL, .addressNotAllowed: .fail(MetaError(code: nil, message: error.summary))
        case _ where error.requestSent: .unknown(error.summary)
        default: .retry(after: nil, MetaError(code: nil, message: error.summary))
        }
    }
}

extension SendReceipt {
    /// - Returns: nil for a reply that holds no message id.
    init?(_ reply: JSON) {
        guard let message = reply["messages"]?[0], let id = message["id"]?.string, !id.isEmpty else { return nil }
        let contact = reply["contacts"]?[0]
        self.init(
            messageID: id, waID: contact?["wa_id"]?.string, userID: contact?["user_id"]?.string,
            messageStatus: message["message_status"]?.string)
    }
}
