import LiveKit

/// Which LiveKit server the rooms are in as well, and who is sent for there.
package struct LiveKitSettings: Sendable {
    package let url: ServerURL
    package let key: APIKey
    /// The agent that is sent for when a customer writes, where the account has none of its own; nil for none.
    package var agentName: String?
    /// LiveKit's native library; without it the gateway takes part in no room.
    package var libraryPath: String?
    /// The program that runs the library in a process of its own: this one.
    package var participantProgram = "/proc/self/exe"
    /// What stands before the path of a file in a text; nil where nobody said.
    package var mediaBase: String?
    package var timing = LiveKitSettings.jobTiming

    package init(url: ServerURL, key: APIKey) {
        self.url = url
        self.key = key
    }

    /// Begins the process with the library.
    var participantCommand: [String]? { libraryPath.map { [participantProgram, "livekit-participant", $0] } }

    /// A job is tried again by the queue; one call must not hold its place for long.
    private static var jobTiming: ServerTiming {
        var timing = ServerTiming()
        timing.connect = .seconds(2)
        timing.request = .seconds(5)
        timing.total = .seconds(10)
        timing.attempts = 2
        return timing
    }
}
