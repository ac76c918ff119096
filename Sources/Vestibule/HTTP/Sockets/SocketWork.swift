import ServiceLifecycle

/// Where sockets do what they have to do, each time in a task that ends with it: a task keeps the memory of its deepest
/// call until it ends, and thousands of sockets are open at a time of which nothing is heard. A socket has at most two
/// tasks at a time, so there are never more than connections allow.
final class SocketWork: Service {
    typealias Work = @Sendable () async -> Void

    private let work: AsyncStream<Work>
    private let continuation: AsyncStream<Work>.Continuation

    init() { (work, continuation) = AsyncStream.makeStream() }

    func start(_ work: @escaping Work) { continuation.yield(work) }

    /// Returns when all that was started has ended. It is stopped after the server, when no socket is left.
    func run() async {
        await withGracefulShutdownHandler {
            await withDiscardingTaskGroup { group in
                for await work in work { group.addTask(operation: work) }
            }
        } onGracefulShutdown: {
            self.continuation.finish()
        }
    }
}
