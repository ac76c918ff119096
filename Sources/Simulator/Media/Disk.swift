import Foundation

/// Reads and writes whole files on a thread of its own, so that no request waits behind the disk.
struct Disk: Sendable {
    private let queue = DispatchQueue(label: "simulator.disk")

    func write(_ bytes: [UInt8], to path: String) async throws {
        try await run { try Data(bytes).write(to: URL(fileURLWithPath: path)) }
    }

    func read(_ path: String) async throws -> [UInt8] {
        try await run { [UInt8](try Data(contentsOf: URL(fileURLWithPath: path))) }
    }

    private func run<T: Sendable>(_ work: @escaping @Sendable () throws -> T) async throws -> T {
        try await withCheckedThrowingContinuation { continuation in
            queue.async { continuation.resume(with: Result(catching: work)) }
        }
    }
}
