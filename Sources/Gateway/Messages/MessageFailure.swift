import JSON
import WhatsApp

/// Why a message did not go out, in Meta's words where Meta refused it.
package struct MessageFailure: Sendable, Hashable {
    package let reason: String
    package let metaCode: Int?
    package let metaMessage: String?
    package let fbtraceID: String?

    /// Whether the message may have reached the customer all the same: an answer of Meta's was lost.
    var isDoubtful: Bool { reason.hasPrefix("outcome unknown") }

    init(reason: String, metaCode: Int? = nil, metaMessage: String? = nil, fbtraceID: String? = nil) {
        self.reason = reason
        self.metaCode = metaCode
        self.metaMessage = metaMessage
        self.fbtraceID = fbtraceID
    }

    init(_ error: MetaError) {
        self.init(
            reason: error.summary, metaCode: error.code, metaMessage: error.message ?? error.title,
            fbtraceID: error.fbtraceID)
    }

    init(_ error: GraphError) {
        if case .refused(let error, _) = error { self.init(error) } else { self.init(reason: error.summary) }
    }

    init?(stored: JSON?) {
        guard let stored, let reason = stored["reason"]?.string else { return nil }
        self.init(
            reason: reason, metaCode: stored["metaCode"]?.int.map(Int.init), metaMessage: stored["metaMessage"]?.string,
            fbtraceID: stored["fbtraceId"]?.string)
    }

    func json() -> JSON {
        var object: JSONObject = ["reason": .string(reason)]
        object["metaCode"] = metaCode.map { .integer(Int64($0)) }
        object["metaMessage"] = metaMessage.map(JSON.string)
        object["fbtraceId"] = fbtraceID.map(JSON.string)
        return .object(object)
    }
}
