import ServiceLifecycle
import Synchronization

/// Does something again and again until the service that it runs in is to stop.
/// - Parameters:
///   - signals: what `turn` waits for; they are raised when it is to stop.
///   - turn: gets a flag that is raised then, for what takes long.
func repeatUntilStopped(waking signals: Signal..., turn: (Flag) async -> Void) async {
    let stop = Flag()
    await withTaskCancellationOrGracefulShutdownHandler {
        while !stop.isRaised { await turn(stop) }
    } onCancelOrGracefulShutdown: {
        stop.raise()
        for signal in signals { signal.raise() }
    }
}

/// Raised once, seen by a loop.
final class Flag: Sendable {
    private let raised = Atomic<Bool>(false)
    var isRaised: Bool { raised.load(ordering: .acquiring) }
    func raise() { raised.store(true, ordering: .releasing) }
}
