import Foundation
import Synchronization

/// A server of a test's own: a child process in the foreground, which can be killed and started again on the same port
/// and files.
final class OwnServer: Sendable {
    private let command: [String]
    private let log: URL
    private let process = Mutex<Process?>(nil)
    private let answers: @Sendable () async -> Bool

    /// - Parameter answers: whether it can be reached.
    init(_ command: [String], log: URL, answers: @escaping @Sendable () async -> Bool) {
        self.command = command
        self.log = log
        self.answers = answers
    }

    /// Starts it, and waits until it answers.
    func start() async throws {
        let process = try Self.launch(command, log: log)
        self.process.withLock { $0 = process }
        let isUp = try await eventually("the server answers or has ended", within: .seconds(120)) { () -> Bool? in
            if !process.isRunning { return false }
            return await answers() ? true : nil
        }
        if !isUp { throw WaitedTooLong(what: "the server ran: \(words())") }
    }

    /// Sends it a signal, and waits until it has ended.
    func end(_ signal: Int32) async throws {
        guard let process = process.withLock({ $0.take() }) else { return }
        kill(process.processIdentifier, signal)
        do {
            try await eventually("the server has ended", within: .seconds(60)) { process.isRunning ? nil : true }
        } catch {
            kill(process.processIdentifier, SIGKILL)
            throw error
        }
    }

    /// Runs a command to its end.
    static func run(_ command: [String], log: URL) async throws {
        let process = try launch(command, log: log)
        try await eventually("\(command) has ended", within: .seconds(120)) { process.isRunning ? nil : true }
        guard process.terminationStatus == 0 else {
            throw WaitedTooLong(what: "\(command) went well: \(words(log))")
        }
    }

    /// The folder is one that the server's own user may enter, too.
    private static func launch(_ command: [String], log: URL) throws -> Process {
        if !FileManager.default.fileExists(atPath: log.path) { try Data().write(to: log) }
        let output = try FileHandle(forWritingTo: log)
        defer {
            try? output.close()  // the child has its own
        }
        try output.seekToEnd()
        let process = Process()
        process.executableURL = URL(fileURLWithPath: command[0])
        process.arguments = Array(command.dropFirst())
        process.currentDirectoryURL = log.deletingLastPathComponent()
        process.standardInput = FileHandle.nullDevice
        process.standardOutput = output
        process.standardError = output
        try process.run()
        return process
    }

    private func words() -> String { Self.words(log) }

    private static func words(_ log: URL) -> String {
        String(decoding: (FileManager.default.contents(atPath: log.path) ?? Data()).suffix(2000), as: UTF8.self)
    }
}
