import Foundation

/// The process with LiveKit's native library.
package enum NativeProgram {
    /// The program built beside the tests, and the library that scripts/test.sh finds.
    package static func command() throws -> [String] {
        guard let library = ProcessInfo.processInfo.environment["TEST_LIVEKIT_FFI_PATH"] else {
            throw StandInLiveKit.Failure(description: "run scripts/test.sh: it finds the library")
        }
        let program =
            ProcessInfo.processInfo.environment["VESTIBULE_PROGRAM"]
            ?? (Bundle.main.executableURL ?? URL(fileURLWithPath: CommandLine.arguments[0]))
            .resolvingSymlinksInPath().deletingLastPathComponent().appending(path: "vestibule").path
        return [program, "livekit-participant", URL(fileURLWithPath: library).path]
    }
}
