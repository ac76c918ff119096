import Hummingbird
import NIOCore
import Synchronization

/// Runs short work later, on an event loop. After `stop()` nothing runs any more.
final class Timers: Sendable {
    private let loop: any EventLoop = EventLoopGroupProvider.singleton.eventLoopGroup.next()
    private let stopped = Mutex(false)

    func after(_ delay: Duration, _ work: @escaping @Sendable () -> Void) {
        guard delay > .zero else { return work() }
        loop.scheduleTask(in: TimeAmount(delay)) { [self] in
            if !stopped.withLock({ $0 }) { work() }
        }
    }

    func stop() { stopped.withLock { $0 = true } }
}
