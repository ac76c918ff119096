import Synchronization

@testable import Simulator

/// When to kill: at any time, right after so many answers, or while the gateway is still coming up. The same seed
/// gives the same moments.
struct CrashMoments {
    enum Moment {
        case after(Duration)
        /// So many more answers.
        case answers(Int)
    }

    private var random: SeededGenerator
    private let longest: Int
    private let most: Int

    /// - Parameters:
    ///   - longest: milliseconds.
    ///   - most: answers that are waited for.
    init(seed: UInt64, longest: Int = 1500, most: Int = 150) {
        random = SeededGenerator(seed: seed)
        self.longest = longest
        self.most = most
    }

    mutating func next() -> Moment {
        switch Int.random(in: 0..<10, using: &random) {
        case 0..<5: .after(.milliseconds(Int.random(in: 50...longest, using: &random)))
        case 5..<8: .answers(Int.random(in: 1...most, using: &random))
        default: .after(.milliseconds(Int.random(in: 0...50, using: &random)))
        }
    }

    static func wait(_ moment: Moment, answers: @Sendable () -> Int) async throws {
        switch moment {
        case .after(let time): try await Task.sleep(for: time)
        case .answers(let count):
            let goal = answers() + count
            // A slow machine may not get there: then it is killed all the same.
            let deadline = ContinuousClock.now + .seconds(5)
            while answers() < goal, ContinuousClock.now < deadline { try await Task.sleep(for: .milliseconds(1)) }
        }
    }
}

/// Tells those who make the load when to stop.
final class CrashFlag: Sendable {
    private let raised = Atomic(false)

    var isRaised: Bool { raised.load(ordering: .relaxed) }
    func raise() { raised.store(true, ordering: .relaxed) }

    /// How long a caller that was refused waits before it asks again.
    static let afterRefusal: Duration = .milliseconds(50)

    /// Cut short only by the end of the test.
    static func rest(_ pause: Duration) async {
        if pause > .zero { try? await Task.sleep(for: pause) }
    }
}
