import Synchronization

/// How many deliveries to one endpoint this gateway has under way at once. One that hangs, before it is known to, holds so
/// many of the places that all endpoints share, and no more.
final class EndpointSeats: Sendable {
    static let most = 12
    /// An endpoint that is well has a seat free by then; one of which nothing moves for as long is not waited for.
    private let patience: Duration

    private struct Seats {
        var taken = 0
        /// Each is raised when a seat passes on to it.
        var waiting: [Signal] = []
        var movedAt: ContinuousClock.Instant
    }

    private let endpoints = Mutex<[String: Seats]>([:])

    init(patience: Duration = .seconds(1)) { self.patience = patience }

    /// - Returns: whether there is a seat, which is to be given back then.
    func take(_ endpoint: String) async -> Bool {
        let turn = Signal()
        let now = ContinuousClock.now
        let isTaken = endpoints.withLock { endpoints -> Bool? in
            var seats = endpoints[endpoint] ?? Seats(movedAt: now)
            defer { endpoints[endpoint] = seats }
            if seats.taken < Self.most {
                seats.taken += 1
                seats.movedAt = now
                return true
            }
            if now - seats.movedAt > patience { return false }
            seats.waiting.append(turn)
            return nil
        }
        if let isTaken { return isTaken }
        if await turn.isRaised(within: patience) { return true }
        return endpoints.withLock { endpoints in
            // It may have come just now.
            guard let index = endpoints[endpoint]?.waiting.firstIndex(where: { $0 === turn }) else { return true }
            endpoints[endpoint]?.waiting.remove(at: index)
            return false
        }
    }

    func give(_ endpoint: String) {
        let next = endpoints.withLock { endpoints -> Signal? in
            guard var seats = endpoints[endpoint] else { return nil }
            seats.movedAt = .now
            guard seats.waiting.isEmpty else {
                defer { endpoints[endpoint] = seats }
                return seats.waiting.removeFirst()
            }
            seats.taken -= 1
            endpoints[endpoint] = seats.taken == 0 ? nil : seats
            return nil
        }
        next?.raise()
    }
}
