/// The jobs of one kind of one account: what is held back or let go together.
struct JobStream: Sendable, Hashable {
    let account: AccountID
    let kind: Job.Kind
    let plan: AccountPlan
}

/// Places to work in. Media have theirs apart: large files on a slow line must not take the places of sends. Nor must a
/// LiveKit server that hangs, or a backend.
enum JobPool: Sendable, CaseIterable {
    case media, liveKit, endpoints, others
}

extension Job.Kind {
    var pool: JobPool {
        switch self {
        case .fetchMedia: .media
        case .liveKit: .liveKit
        case .deliverEvent: .endpoints
        case .send, .settle, .markRead, .removeMedia, .redactEvents: .others
        }
    }
}
