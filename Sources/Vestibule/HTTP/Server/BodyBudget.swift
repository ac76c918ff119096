import Gateway
import Synchronization

/// How much of request bodies may be in memory at a time while they are read, over all connections: a body has to be
/// read before its signature can tell whether it is worth anything.
final class BodyBudget: Sendable {
    static let shared = BodyBudget(limit: ConnectionLimits.bodiesInMemory)

    private let limit: Int
    private let used = Atomic<Int>(0)

    init(limit: Int) {
        self.limit = limit
    }

    /// - Throws: `RequestFailure` 503 when there is no room for so much more.
    func take(_ count: Int) throws(RequestFailure) {
        let (_, now) = used.wrappingAdd(count, ordering: .relaxed)
        guard now > limit else { return }
        giveBack(count)
        throw RequestFailure(GatewayError(.unavailable, "too many bodies are coming in at once; try again"))
    }

    func giveBack(_ count: Int) {
        used.wrappingSubtract(count, ordering: .relaxed)
    }
}
