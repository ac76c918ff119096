/// An outcome that comes on a thread of its own, once, and that one task waits for.
final class PendingOutcome: Sendable {
    private let stream: AsyncStream<Result<ProtobufMessage, ParticipantError>>
    private let continuation: AsyncStream<Result<ProtobufMessage, ParticipantError>>.Continuation

    init() {
        (stream, continuation) = AsyncStream.makeStream(bufferingPolicy: .bufferingOldest(1))
    }

    func resolve(_ outcome: Result<ProtobufMessage, ParticipantError>) {
        continuation.yield(outcome)
        continuation.finish()
    }

    func value(within time: Duration) async throws(ParticipantError) -> ProtobufMessage {
        let stream = stream
        let outcome = await withTaskGroup(of: Result<ProtobufMessage, ParticipantError>?.self) { group in
            group.addTask { await stream.first { _ in true } }
            group.addTask {
                // Only the group cancels it, when the outcome came first.
                try? await Task.sleep(for: time)
                return nil
            }
            let first = await group.next() ?? nil
            group.cancelAll()
            return first
        }
        guard let outcome else { throw .timedOut }
        return try outcome.get()
    }
}
