/// How far a message is known to have come. Reports come in any order and again; the state only rises, but for
/// `failed`, which wins over pending, unknown and sent only.
package enum MessageStatus: String, Sendable, Comparable {
    case pending, unknown, sent, failed, delivered, read, played

    private var rank: Int {
        switch self {
        case .pending: 0
        case .unknown: 1
        case .sent: 2
        case .failed: 3
        case .delivered: 4
        case .read: 5
        case .played: 6
        }
    }

    package static func < (a: MessageStatus, b: MessageStatus) -> Bool { a.rank < b.rank }
}

package enum MessageDirection: String, Sendable {
    case incoming, outgoing
}

package enum MediaStatus: String, Sendable {
    case pending, ready, rejected, expired
}
