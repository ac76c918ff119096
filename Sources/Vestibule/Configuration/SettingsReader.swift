import Logging
import WhatsApp

/// Reads settings one by one and collects what is wrong, so that all problems are told at once.
/// An empty value counts as absent.
struct SettingsReader {
    private let values: [String: String]
    private(set) var problems: [SettingProblem] = []

    init(_ values: [String: String]) {
        self.values = values
    }

    func has(_ name: SettingName) -> Bool {
        raw(name) != nil
    }

    func text(_ name: SettingName) -> String? {
        raw(name)
    }

    /// A text that must pass `isValid`; `expected` completes the sentence "expected …".
    mutating func text(_ name: SettingName, expected: String, where isValid: (String) -> Bool) -> String? {
        guard let text = raw(name) else { return nil }
        guard isValid(text) else {
            report(name, expected: expected)
            return nil
        }
        return text
    }

    mutating func integer(
        _ name: SettingName, in range: ClosedRange<Int>, default standard: Int, meaning: String, note: String = ""
    ) -> Int {
        guard let text = raw(name) else { return standard }
        guard let number = Int(text), range.contains(number) else {
            report(name, expected: "\(meaning) from \(range.lowerBound) to \(range.upperBound)\(note)")
            return standard
        }
        return number
    }

    mutating func flag(_ name: SettingName) -> Bool {
        switch raw(name)?.lowercased() {
        case nil, "false", "0", "no", "off":
            return false
        case "true", "1", "yes", "on":
            return true
        default:
            report(name, expected: "true or false")
            return false
        }
    }

    mutating func choice(_ name: SettingName, of choices: [String], default standard: String) -> String {
        guard let text = raw(name)?.lowercased() else { return standard }
        guard choices.contains(text) else {
            report(name, expected: "one of \(choices.joined(separator: ", "))")
            return standard
        }
        return text
    }

    /// The parts between commas, trimmed; empty parts don't count.
    func list(_ name: SettingName) -> [String] {
        guard let text = raw(name) else { return [] }
        return text.split(separator: ",").map(Self.trimmed).filter { !$0.isEmpty }
    }

    /// Secrets separated by commas, each of at least `minimum` visible ASCII characters.
    mutating func secrets(_ name: SettingName, minimum: Int = 1) -> [Secret] {
        let parts = list(name)
        for (index, part) in parts.enumerated() {
            guard part.utf8.allSatisfy({ (0x21...0x7E).contains($0) }) else {
                report(name, expected: "visible ASCII characters without spaces, part \(index + 1) has others")
                return []
            }
            guard part.utf8.count >= minimum else {
                let found = "part \(index + 1) has \(part.utf8.count)"
                report(name, expected: "at least \(minimum) characters in each part between commas, \(found)")
                return []
            }
        }
        return parts.map { Secret($0) }
    }

    /// One secret of visible ASCII characters.
    mutating func secret(_ name: SettingName) -> Secret? {
        text(name, expected: "visible ASCII characters without spaces") { text in
            text.utf8.allSatisfy { (0x21...0x7E).contains($0) }
        }.map { Secret($0) }
    }

    mutating func report(_ name: SettingName, _ problem: String) {
        problems.append(SettingProblem(name: name.rawValue, problem: problem))
    }

    private mutating func report(_ name: SettingName, expected: String) {
        guard !name.isSecret, let text = raw(name) else {
            report(name, "expected \(expected)")
            return
        }
        let shown = text.count > 60 ? text.prefix(60) + "…" : text[...]
        report(name, "expected \(expected), got \"\(shown)\"")
    }

    private func raw(_ name: SettingName) -> String? {
        guard let text = values[name.rawValue].map({ Self.trimmed($0[...]) }), !text.isEmpty else { return nil }
        return text
    }

    private static func trimmed(_ text: Substring) -> String {
        var text = text
        while let first = text.first, first.isWhitespace { text.removeFirst() }
        while let last = text.last, last.isWhitespace { text.removeLast() }
        return String(text)
    }
}
