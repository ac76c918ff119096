import Foundation

/// Makes other forms of files by programs that run as bounded child processes, a few at a time.
struct MediaConverter: Sendable {
    let programs: MediaPrograms
    private let threads = BlockingThreads(name: "convert", count: MediaConverter.turns)

    private static let turns = 2
    /// The wait for a turn included; above what a program may take itself.
    private static let timeout: Duration = .seconds(90)

    /// There is no such form of this file, or none can be made here.
    struct Failure: Error {
        enum Reason: Sendable {
            case absent(MediaPrograms.Name)
            /// The program refused it, crashed, or ran into a limit.
            case unreadable
        }

        let reason: Reason
        /// For the log.
        let cause: String
    }

    /// Whether the programs for this are here.
    func can(_ conversion: Conversion) -> Bool { programs[conversion.program] != nil && programs.bounds != nil }

    /// - Parameters:
    ///   - input: a local file.
    ///   - output: where what is made is put, when it is whole.
    /// - Throws: `Failure`; `.unavailable` when too much else is being made.
    func make(_ conversion: Conversion, of input: String, at output: String) async throws {
        guard let program = programs[conversion.program] else {
            throw Failure(reason: .absent(conversion.program), cause: "it is not installed")
        }
        guard let bounds = programs.bounds else {
            throw Failure(reason: .absent(.prlimit), cause: "util-linux is not installed")
        }
        let folder = output + ".work"
        let child = ChildProcess(
            bounds: bounds, program: program, arguments: conversion.arguments(input: input),
            limits: ChildProcess.Limits(output: conversion.outputLimit), folder: folder)
        do {
            try await threads.run(within: Self.timeout) { limit in
                try LocalFile.makeFolder(folder)
                // One that stays is removed at a later start.
                defer { try? FileManager.default.removeItem(atPath: folder) }
                let ending = try child.run(limit)
                let made = "\(folder)/\(conversion.output)"
                guard case .exited(0, _) = ending, let size = try? LocalFile.size(made), size > 0 else {
                    throw Failure(reason: .unreadable, cause: "\(conversion.program.rawValue): \(ending)")
                }
                guard rename(made, output) == 0 else { throw FileError(errno, "rename") }
            }
        } catch let end as CallLimit.End {
            switch end {
            case .timedOut: throw GatewayError(.unavailable, "too many files are being converted; try again")
            case .cancelled: throw CancellationError()
            }
        }
    }
}
