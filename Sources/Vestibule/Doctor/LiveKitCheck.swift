import Fetch
import Foundation
import Gateway
import LiveKit

/// Whether LiveKit, where it is set, can be reached and takes the key.
struct LiveKitCheck: Sendable {
    let settings: LiveKitSettings?
    let fetch: FetchClient

    /// Whether the gateway can take part in rooms.
    func participantFinding() -> Finding? {
        guard let settings else { return nil }
        guard let path = settings.libraryPath else {
            return .warn(
                "participant", "there is no native library: nothing is said in LiveKit rooms, nor heard there",
                mend:
                    "set LIVEKIT_FFI_PATH to liblivekit_ffi.so of LiveKit's Python package, or put it beside the program"
            )
        }
        do {
            _ = try NativeLibrary(path)
            return .ok("participant", path)
        } catch {
            return .fail("participant", error.summary, mend: "check LIVEKIT_FFI_PATH")
        }
    }

    func finding() async -> Finding {
        guard let settings else { return .ok("livekit", "not set: rooms are here only") }
        let rooms = LiveKit.RoomService(fetch: fetch, url: settings.url, key: settings.key) {
            Int64(Date().timeIntervalSince1970 * 1000)
        }
        let start = ContinuousClock.now
        do {
            _ = try await rooms.rooms(["vestibule"])
            let time = ((ContinuousClock.now - start) / .milliseconds(1)).rounded()
            let agent = settings.agentName.map { ", agent \($0)" } ?? ""
            return .ok("livekit", "\(settings.url.api), \(Int(time)) ms\(agent)")
        } catch {
            return .fail("livekit", "\(settings.url.api): \(error.summary)", mend: Self.mend(error))
        }
    }

    private static func mend(_ error: ServerError) -> String {
        switch error {
        case .unauthenticated: "check LIVEKIT_API_KEY, LIVEKIT_API_SECRET and this machine's clock"
        case .unreachable, .unavailable: "check LIVEKIT_URL and that the server runs; rooms wait for it meanwhile"
        default: "check that LIVEKIT_URL is a LiveKit server's"
        }
    }
}
