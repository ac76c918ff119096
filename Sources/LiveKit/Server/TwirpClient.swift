import Fetch
import Foundation
import JSON

/// Calls a LiveKit server, each time with a token that allows this one call and lapses soon after.
struct TwirpClient: Sendable {
    /// Whether a call may be made again when its answer is lost.
    enum Repetition {
        /// Twice does what once does.
        case harmless
        /// Twice does what once does, but the second time finds nothing to do it to.
        case endsNotFound
        /// Only when it surely didn't go out.
        case unsent
    }

    private let fetch: FetchClient
    private let url: ServerURL
    private let key: APIKey
    private let timing: ServerTiming
    private let now: @Sendable () -> Int64

    /// Seconds; with LiveKit's leeway, clocks may differ by two minutes.
    private static let tokenLife: Int64 = 60
    private static let mostReplyBytes = 4 << 20

    init(fetch: FetchClient, url: ServerURL, key: APIKey, timing: ServerTiming, now: @escaping @Sendable () -> Int64) {
        self.fetch = fetch
        self.url = url
        self.key = key
        self.timing = timing
        self.now = now
    }

    /// - Parameters:
    ///   - method: as in `RoomService/CreateRoom`.
    ///   - silence: whether nobody answering the server means that nobody is in the room.
    func call(
        _ method: String, _ body: JSONObject, _ grants: VideoGrants, repetition: Repetition = .harmless,
        silence: Bool = false
    ) async throws(ServerError) -> JSON {
        let deadline = ContinuousClock.now + timing.total
        var attempt = 1
        while true {
            do throws(ServerError) {
                return try await once(method, body, grants, repetition, silence: silence, until: deadline)
            } catch {
                // What an earlier attempt did without our hearing of it is done.
                if attempt > 1, repetition == .endsNotFound, error == .notFound { return .object([:]) }
                let pause = timing.pause(after: attempt)
                guard attempt < timing.attempts, Self.mayRepeat(error, repetition),
                    ContinuousClock.now + pause < deadline
                else { throw error }
                do { try await Task.sleep(for: pause) } catch { throw .unreachable(.cancelled) }
                attempt += 1
            }
        }
    }

    private func once(
        _ method: String, _ body: JSONObject, _ grants: VideoGrants, _ repetition: Repetition, silence: Bool,
        until deadline: ContinuousClock.Instant
    ) async throws(ServerError) -> JSON {
        let token: SignedToken
        do {
            token = try AccessToken(grants).signed(by: key, at: now(), life: Self.tokenLife)
        } catch {
            throw .unexpected(status: 0, "no token could be made")
        }
        var request = FetchRequest(
            method: "POST", url: "\(url.api)/twirp/livekit.\(method)",
            headers: [("Content-Type", "application/json"), ("Authorization", "Bearer \(token.reveal())")],
            body: .bytes(JSON.object(body).encoded()))
        request.timeout = min(timing.request, max(.milliseconds(1), deadline - .now))
        request.connectTimeout = timing.connect
        request.maxResponseBytes = Self.mostReplyBytes
        // A repetition that Fetch made by itself could find nothing, and we would not know that it was one.
        request.idempotent = repetition == .harmless
        let response: FetchResponse
        do throws(FetchError) {
            response = try await fetch.send(request)
        } catch {
            throw .unreachable(error)
        }
        return try TwirpReply(response).object(silence: silence)
    }

    private static func mayRepeat(_ error: ServerError, _ repetition: Repetition) -> Bool {
        guard error.isTransient else { return false }
        guard repetition == .unsent else { return true }
        if case .unreachable(let failure) = error { return !failure.requestSent }
        return false
    }
}
