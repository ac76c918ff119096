import JSON
import WhatsApp

/// How a caller is told that a file can't be taken: what was found, and what is allowed.
extension GatewayError {
    static func mediaRejected(_ reason: String) -> GatewayError { GatewayError(.mediaRejected, reason) }

    static func mediaRejected(_ refusal: MediaRules.Refusal) -> GatewayError {
        GatewayError(
            .mediaRejected, refusal.reason,
            data: ["found": .string(refusal.found), "allowed": .array(refusal.allowed.map(JSON.string))])
    }

    static func mediaTooLarge(_ kind: MediaKind, _ limit: Int64) -> GatewayError {
        GatewayError(.mediaRejected, MediaRules.tooLarge(kind, limit), data: ["limit": .integer(limit)])
    }

    static func mediaNotStored(_ problem: String) -> GatewayError {
        GatewayError(.unavailable, "the file can't be stored just now; try again", cause: problem)
    }
}
