import Gateway
import HTTPTypes
import Hummingbird
import NIOCore

/// How a request says what it wants to follow, for streams and sockets alike.
struct EventFollowing: Sendable {
    let events: EventService
    let rooms: RoomService

    /// - Parameter lastEventID: what a browser's stream says when it comes back; it counts before `after`.
    func room(
        _ name: RoomName, after: String?, lastEventID: String? = nil
    ) async throws -> EventSubscription {
        let room = try await rooms.find(name)
        let cursor = (lastEventID ?? after).map(Self.cursor)
        return try await events.follow(EventFilter(room: room.name), after: cursor)
    }

    func all(account: String?, after: String?) async throws -> EventSubscription {
        let filter = EventFilter(account: account.map(AccountID.init(rawValue:)))
        return try await events.follow(filter, after: after.map(EventCursor.event))
    }

    /// Digits alone are a message's sequence.
    private static func cursor(_ text: String) -> EventCursor {
        if text.utf8.allSatisfy({ (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }), let sequence = Int64(text) {
            return .message(sequence)
        }
        return .event(text)
    }
}

/// Why a stream or socket ends, as its listener is told.
enum FollowingEnd: Sendable {
    case tooSlow, stopping, failed

    init?(_ ending: EventEnding?) {
        switch ending {
        case .tooSlow: self = .tooSlow
        case .shutdown: self = .stopping
        case .left, nil: return nil
        }
    }

    var code: String {
        switch self {
        case .tooSlow: "TOO_SLOW"
        case .stopping: "STOPPING"
        case .failed: "SERVICE_UNAVAILABLE"
        }
    }

    var message: String {
        switch self {
        case .tooSlow: "more happened than was read; come back with the last event's id"
        case .stopping: "the server stops; come back with the last event's id"
        case .failed: "events can't be read just now; come back with the last event's id"
        }
    }
}
