import Foundation

/// Frames on their way to a process, written by a thread of their own: whoever puts one in never waits for a process that
/// hangs.
final class FrameOutbox: @unchecked Sendable {
    // All under `condition`.
    private let condition = NSCondition()
    private var frames: [NativeFrame] = []
    private var isOver = false

    private static let limit = 10_000

    init(pipe: Int32) {
        let writer = Thread { [self] in
            // A process that is gone is told by the failed write alone.
            var signals = sigset_t()
            sigemptyset(&signals)
            sigaddset(&signals, SIGPIPE)
            pthread_sigmask(SIG_BLOCK, &signals, nil)
            while let frames = next(), frames.allSatisfy({ $0.write(to: pipe) }) {}
            end()
            close(pipe)
        }
        writer.name = "livekit-writer"
        writer.start()
    }

    /// - Returns: false when too much waits already.
    func put(_ frame: NativeFrame) -> Bool {
        condition.withLock {
            if isOver { return true }
            guard frames.count < Self.limit else { return false }
            frames.append(frame)
            condition.signal()
            return true
        }
    }

    /// Closes the pipe when what is in hand is written.
    func end() {
        condition.withLock {
            isOver = true
            condition.signal()
        }
    }

    private func next() -> [NativeFrame]? {
        condition.withLock {
            while frames.isEmpty, !isOver { condition.wait() }
            guard !frames.isEmpty else { return nil }
            defer { frames = [] }
            return frames
        }
    }
}
