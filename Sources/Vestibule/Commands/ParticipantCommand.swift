import ArgumentParser
import LiveKit

/// What `serve` begins for itself: the process that has LiveKit's native library.
struct ParticipantCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "livekit-participant",
        abstract: "The process with LiveKit's native library; for the server alone.",
        shouldDisplay: false)

    @Argument(help: "The library, liblivekit_ffi.so.")
    var library: String

    func run() { NativeHost.run(library: library) }
}
