import Fetch
import Foundation
import Logging
import Synchronization

/// The built program as a child process. Its environment holds nothing but what the test gives, and its working folder
/// is the test's own, so that no `.env` or data of the developer's is read.
final class Program: Sendable {
    /// The program that is tested: the one built beside these tests, or the one named by `VESTIBULE_PROGRAM`.
    static let path: String =
        ProcessInfo.processInfo.environment["VESTIBULE_PROGRAM"]
        ?? (Bundle.main.executableURL ?? URL(fileURLWithPath: CommandLine.arguments[0]))
        .resolvingSymlinksInPath().deletingLastPathComponent().appending(path: "vestibule").path

    /// Where the server listens, without a trailing slash; "" for a command that doesn't serve.
    private let address = Mutex("")
    private let process: Mutex<Process>
    private let ending: Ending
    private let output: URL
    private let errors: URL
    /// Where this run's lines begin in the log file, which later runs in the same folder add to.
    private let logStart: Int

    let processID: Int32
    var base: String { address.withLock { $0 } }

    /// Starts the program; it may not be listening yet.
    /// - Parameter folder: its working folder, which also takes its log: `log.txt` and `output.txt`.
    init(_ arguments: [String], environment: [String: String], folder: URL) throws {
        output = folder.appending(path: "output.txt")
        errors = folder.appending(path: "log.txt")
        for file in [output, errors] where !FileManager.default.fileExists(atPath: file.path) {
            try Data().write(to: file)
        }
        let ending = Ending()
        let process = Process()
        process.executableURL = URL(fileURLWithPath: Self.path)
        process.arguments = arguments
        process.environment = environment
        process.currentDirectoryURL = folder
        process.standardInput = FileHandle.nullDevice
        let (outputHandle, errorHandle) = (try Self.appending(output), try Self.appending(errors))
        defer {
            try? outputHandle.close()  // the child has its own
            try? errorHandle.close()
        }
        logStart = Int(try errorHandle.offset())
        process.standardOutput = outputHandle
        process.standardError = errorHandle
        process.terminationHandler = { ended in
            ending.set(
                ended.terminationReason == .exit ? .exit(ended.terminationStatus) : .signal(ended.terminationStatus))
        }
        try process.run()
        processID = process.processIdentifier
        self.ending = ending
        self.process = Mutex(process)
    }

    private static func appending(_ file: URL) throws -> FileHandle {
        let handle = try FileHandle(forWritingTo: file)
        try handle.seekToEnd()
        return handle
    }

    /// Starts a server on a free port and waits until it answers `/health`.
    /// - Throws: `ProgramEnded` with what it said, when it ends before that.
    static func serve(
        _ arguments: [String] = ["serve"], environment: [String: String], folder: URL, fetch: FetchClient
    ) async throws -> Program {
        var environment = environment
        environment["PORT"] = environment["PORT"] ?? "0"
        let program = try Program(arguments, environment: environment, folder: folder)
        do {
            try await program.becomeReady(fetch)
        } catch {
            await program.kill()
            throw error
        }
        return program
    }

    private func becomeReady(_ fetch: FetchClient) async throws {
        let url = try await eventually("the server says where it listens", within: .seconds(60)) {
            if let ending = self.ending.value { throw ProgramEnded(ending: ending, log: self.log) }
            return self.listeningURL
        }
        address.withLock { $0 = url }
        try await eventually("the server answers", within: .seconds(60)) {
            if let ending = self.ending.value { throw ProgramEnded(ending: ending, log: self.log) }
            var request = FetchRequest(url: url + "/health")
            request.timeout = .seconds(5)
            // Not reachable yet is why it is asked again.
            return (try? await fetch.send(request))?.status == 200 ? true : nil
        }
    }

    /// The `url` of the line "listening", in either log format.
    private var listeningURL: String? {
        for line in log.split(separator: "\n") {
            if line.contains(" info listening "), let match = line.firstMatch(of: /\burl=(http[^\s"]+)( |$)/) {
                return String(match.1)
            }
            if line.contains(#""message":"listening""#), let match = line.firstMatch(of: /"url":"(http[^"]+)"/) {
                return String(match.1).replacing("\\/", with: "/")
            }
        }
        return nil
    }

    // MARK: What it said

    /// What this run has logged so far.
    var log: String {
        let data = (try? Data(contentsOf: errors)) ?? Data()  // no file any more: the test is over
        return String(decoding: data.dropFirst(logStart), as: UTF8.self)
    }

    /// What all runs in this folder have printed to standard output so far.
    var printed: String {
        String(decoding: (try? Data(contentsOf: output)) ?? Data(), as: UTF8.self)  // as above
    }

    // MARK: Ending it

    var isRunning: Bool { ending.value == nil }

    /// Asks for a graceful stop and waits for it.
    @discardableResult
    func stop(within limit: Duration = .seconds(45)) async throws -> ProgramEnding {
        signal(SIGTERM)
        return try await ended(within: limit)
    }

    /// Ends it at once, as a power failure would.
    func kill() async {
        signal(SIGKILL)
        await ending.wait()
    }

    /// Waits until it has ended by itself.
    func ended(within limit: Duration = .seconds(30)) async throws -> ProgramEnding {
        try await eventually("the program ends", within: limit) { self.ending.value }
    }

    private func signal(_ number: Int32) {
        guard ending.value == nil else { return }
        process.withLock { process in
            if process.isRunning { Foundation.kill(process.processIdentifier, number) }
        }
    }

    /// Runs a command to its end.
    static func run(
        _ arguments: [String], environment: [String: String], folder: URL, within limit: Duration = .seconds(60)
    ) async throws -> ProgramResult {
        let program = try Program(arguments, environment: environment, folder: folder)
        do {
            let ending = try await program.ended(within: limit)
            return ProgramResult(ending: ending, output: program.printed, errors: program.log)
        } catch {
            await program.kill()
            throw error
        }
    }
}

enum ProgramEnding: Sendable, Hashable {
    case exit(Int32)
    case signal(Int32)
}

/// How a command ended and what it said.
struct ProgramResult: Sendable {
    let ending: ProgramEnding
    let output: String
    let errors: String
}

/// The program ended before it was ready.
struct ProgramEnded: Error, CustomStringConvertible {
    let ending: ProgramEnding
    let log: String

    var description: String { "the program ended with \(ending):\n\(log)" }
}

/// Something that was waited for didn't come in time.
struct WaitedTooLong: Error, CustomStringConvertible {
    let what: String

    var description: String { "waited in vain until \(what)" }
}

/// Asks again and again, some milliseconds apart, until there is an answer.
@discardableResult
func eventually<Value>(
    _ what: String, within limit: Duration = .seconds(90), _ answer: () async throws -> Value?
) async throws -> Value {
    let deadline = ContinuousClock.now + limit
    while true {
        if let value = try await answer() { return value }
        guard ContinuousClock.now < deadline else { throw WaitedTooLong(what: what) }
        try await Task.sleep(for: .milliseconds(15))
    }
}

/// How a process ended, once it has.
private final class Ending: Sendable {
    private struct State {
        var value: ProgramEnding?
        var waiting: [CheckedContinuation<Void, Never>] = []
    }

    private let state = Mutex(State())

    var value: ProgramEnding? { state.withLock { $0.value } }

    func set(_ value: ProgramEnding) {
        let waiting = state.withLock { state in
            state.value = value
            defer { state.waiting = [] }
            return state.waiting
        }
        for continuation in waiting { continuation.resume() }
    }

    func wait() async {
        await withCheckedContinuation { continuation in
            let isOver = state.withLock { state in
                if state.value == nil { state.waiting.append(continuation) }
                return state.value != nil
            }
            if isOver { continuation.resume() }
        }
    }
}
