import Crypto
import WhatsApp

/// One webhook as it came, parsed before it takes a place in the queue.
struct ReceivedWebhook: Sendable {
    let body: [UInt8]
    let digest: String
    let receivedAt: Milliseconds
    let webhook: Webhook
    /// Whether it is a raw event brought in again, and no delivery of Meta's.
    let isReplay: Bool
    /// Whether it has waited in a spool, for however long.
    let isSpooled: Bool

    init(body: [UInt8], receivedAt: Milliseconds, isReplay: Bool = false, isSpooled: Bool = false) {
        self.isReplay = isReplay
        self.isSpooled = isSpooled
        self.body = body
        self.receivedAt = receivedAt
        digest = SHA256.hash(data: body).hexadecimal
        webhook = Webhook.parse(body)
    }

    /// - Returns: nil when nothing of it is left.
    func redacted(by redaction: RawEventRedaction) -> ReceivedWebhook? {
        guard let kept = redaction.redacted(body) else { return nil }
        return kept == body ? self : ReceivedWebhook(body: kept, receivedAt: receivedAt, isSpooled: isSpooled)
    }
}

extension Sequence<UInt8> {
    var hexadecimal: String {
        var text = [UInt8]()
        for byte in self {
            for nibble in [byte >> 4, byte & 0xf] { text.append(nibble < 10 ? nibble + 48 : nibble + 87) }
        }
        return String(decoding: text, as: UTF8.self)
    }
}
