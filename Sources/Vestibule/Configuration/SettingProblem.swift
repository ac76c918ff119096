/// What is wrong with one setting, in words for whoever starts the program. Never holds a secret's value.
struct SettingProblem: Error, Hashable, Sendable, CustomStringConvertible {
    /// The setting's name, or the place in a file: `.env line 3`.
    let name: String
    let problem: String

    var description: String { "\(name): \(problem)" }
}

/// Every problem that was found, so that one start shows them all.
struct SettingsError: Error, Sendable, CustomStringConvertible {
    let problems: [SettingProblem]

    var description: String {
        problems.map(\.description).joined(separator: "\n")
    }
}
