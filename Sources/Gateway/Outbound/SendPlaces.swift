/// The places in a number's throughput that this gateway has taken for its sends. Every send of every gateway wants one,
/// and a row lock for each would be slower than the number: so places are taken together, as many as are wanted, for a
/// twentieth of a second at most. A value: `SendLimits` asks the database when this says so.
struct SendPlaces: Sendable {
    enum Answer: Equatable {
        case taken
        case wait(Milliseconds)
        /// The caller is the one to ask the database for so many, and to tell what it said.
        case ask(Int64)
    }

    /// What is not used by then is given up, so that a rest can't be saved up for a burst.
    private static let validity: Milliseconds = 250
    /// Until the one who asks has its answer.
    private static let glance: Milliseconds = 5

    private let limit: Int64
    private var places: Int64 = 0
    private var takenAt: Milliseconds = 0
    /// When the database said that there would be room.
    private var due: Milliseconds = 0
    private var wanted: Int64 = 0
    private var isAsking = false

    static func slice(perSecond: Int) -> Int64 { max(1, Int64(perSecond) / 20) }

    init(perSecond: Int) { limit = Self.slice(perSecond: perSecond) }

    mutating func take(at now: Milliseconds) -> Answer {
        if places > 0, 0...Self.validity ~= now - takenAt {
            places -= 1
            return .taken
        }
        wanted += 1
        if isAsking { return .wait(Self.glance) }
        // A time further ahead than a wait can be comes from a clock that was set back.
        if due > now, due - now <= 1000 { return .wait(due - now) }
        isAsking = true
        defer { wanted = 0 }
        return .ask(min(limit, wanted))
    }

    /// The database gave the places: one is the caller's.
    mutating func receive(_ count: Int64, at now: Milliseconds) {
        isAsking = false
        places = count - 1
        takenAt = now
    }

    mutating func wait(_ time: Milliseconds, at now: Milliseconds) {
        isAsking = false
        due = now + time
    }

    /// The database did not answer.
    mutating func fail() { isAsking = false }

    /// The caller could not use its place after all.
    mutating func giveBack() { places += 1 }
}
