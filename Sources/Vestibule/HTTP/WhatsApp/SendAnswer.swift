import Gateway
import HTTPTypes
import Hummingbird
import JSON

/// What a send is answered: how far the message has come, or why it did not go out.
struct SendAnswer: Sendable {
    /// Meta's code for a message outside the 24-hour window.
    private static let windowClosed = 131_047

    let submission: Submission
    let replayed: Bool

    init(_ submission: Submission, replayed: Bool) {
        self.submission = submission
        self.replayed = replayed
    }

    /// 200 once Meta took the message, 202 while that isn't known.
    /// - Throws: `RequestFailure` when the message failed.
    func response() throws(RequestFailure) -> Response {
        let message = submission.message
        switch message.status {
        case .pending, .unknown:
            return Response(.object(fields), status: .accepted, headers: headers)
        case .sent, .delivered, .read, .played:
            return Response(.object(fields), headers: headers)
        case .failed:
            throw failure
        }
    }

    /// 202 whatever the status, with the message as the room shows it.
    func roomResponse(_ mediaLinks: MediaLinks?) -> Response {
        Response(.object(roomFields(mediaLinks)), status: .accepted, headers: headers)
    }

    func roomFields(_ mediaLinks: MediaLinks?) -> JSONObject {
        var fields = fields
        fields["message"] = submission.message.json(links: mediaLinks)
        return fields
    }

    private var fields: JSONObject {
        let message = submission.message
        var fields: JSONObject = ["success": true, "messageId": .string(message.messageID.rawValue)]
        fields["whatsappMessageId"] = message.whatsappMessageID.map(JSON.string)
        fields["roomName"] = .string(message.roomName.rawValue)
        fields["status"] = .string(message.status.rawValue)
        if submission.accountPaused, message.status == .pending { fields["reason"] = "ACCOUNT_PAUSED" }
        return fields
    }

    private var headers: HTTPFields {
        replayed ? [.idempotencyReplayed: "true"] : [:]
    }

    private var failure: RequestFailure {
        let message = submission.message
        let reason = message.failure
        var data: JSONObject = [
            "messageId": .string(message.messageID.rawValue), "roomName": .string(message.roomName.rawValue),
        ]
        data["metaCode"] = reason?.metaCode.map { .integer(Int64($0)) }
        data["metaMessage"] = reason?.metaMessage.map(JSON.string)
        data["fbtraceId"] = reason?.fbtraceID.map(JSON.string)
        let code: GatewayError.Code = reason?.metaCode == Self.windowClosed ? .windowClosed : .deliveryFailed
        var failure = RequestFailure(
            GatewayError(code, reason?.reason ?? "the message could not be sent", data: data))
        failure.headers = headers
        return failure
    }
}
