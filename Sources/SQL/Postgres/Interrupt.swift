import Foundation
import Synchronization

/// Ends, from any thread, a wait that a thread of its own is in: for good, or once.
final class Interrupt: Sendable {
    /// Readable once the interrupt is raised, and while a ring has not been taken.
    let descriptor: Int32
    private let writer: Int32
    private let raised = Atomic(false)
    private let rung = Atomic(false)

    var isRaised: Bool { raised.load(ordering: .acquiring) }

    init() throws(SQLError) {
        var ends: [Int32] = [-1, -1]
        guard pipe(&ends) == 0 else {
            throw SQLError(.unavailable, "no pipe: \(String(cString: strerror(errno)))")
        }
        for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
        descriptor = ends[0]
        writer = ends[1]
    }

    deinit {
        close(descriptor)
        close(writer)
    }

    func raise() {
        guard !raised.exchange(true, ordering: .acquiringAndReleasing) else { return }
        wake()
    }

    func ring() {
        guard !rung.exchange(true, ordering: .acquiringAndReleasing) else { return }
        wake()
    }

    /// - Returns: whether it was rung since it was last asked.
    func takeRing() -> Bool {
        guard rung.load(ordering: .acquiring) else { return false }
        var byte: UInt8 = 0
        // There is one at least, or the ring is just putting it there.
        _ = read(descriptor, &byte, 1)
        rung.store(false, ordering: .releasing)
        return true
    }

    private func wake() {
        var byte: UInt8 = 1
        _ = write(writer, &byte, 1)
    }

    func wait(atMost duration: Duration) {
        var end = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
        _ = poll(&end, 1, Int32(clamping: duration.milliseconds))
    }
}
