import Foundation

/// How long the reliability suites run: brief in `make test`, and as long as these variables say otherwise, which is
/// how scripts/reliability.sh chooses the long form.
enum Scale {
    /// Kills of each case of the crash suite.
    static let crashRounds = number("VESTIBULE_CRASH_ROUNDS", else: isCI ? 10 : 4)
    /// The crash suite draws its load and its moments from this number; it prints the one it took.
    static let crashSeed = UInt64(number("VESTIBULE_CRASH_SEED", else: Int.random(in: 1...999_999)))
    /// How long each outage of the fault suite lasts.
    static let faultSeconds = number("VESTIBULE_FAULT_SECONDS", else: 2)
    /// How often each listener is cut off and comes back.
    static let reconnects = number("VESTIBULE_RECONNECTS", else: 30)
    static let soakSeconds = number("VESTIBULE_SOAK_SECONDS", else: 20)
    /// Sequences that the model test tries; the redelivery suite takes more webhooks from a thousand on.
    static let modelRuns = number("VESTIBULE_MODEL_RUNS", else: 100)

    private static let isCI = ProcessInfo.processInfo.environment["CI"] == "true"

    private static func number(_ name: String, else usual: Int) -> Int {
        guard let text = ProcessInfo.processInfo.environment[name], !text.isEmpty else { return usual }
        guard let value = Int(text), value > 0 else { fatalError("\(name) must be a number above 0, and is \(text)") }
        return value
    }
}
