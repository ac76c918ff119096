/// What one check of the doctor found.
struct Finding: Sendable, Hashable {
    enum Outcome: String, Sendable {
        case ok, warn, fail
    }

    let name: String
    let outcome: Outcome
    let detail: String
    /// What to do about it.
    var mend: String?

    static func ok(_ name: String, _ detail: String) -> Finding {
        Finding(name: name, outcome: .ok, detail: detail)
    }

    static func warn(_ name: String, _ detail: String, mend: String) -> Finding {
        Finding(name: name, outcome: .warn, detail: detail, mend: mend)
    }

    static func fail(_ name: String, _ detail: String, mend: String) -> Finding {
        Finding(name: name, outcome: .fail, detail: detail, mend: mend)
    }

    /// One line, and one more for the mend.
    var text: String {
        let head = "\(Self.padded(outcome.rawValue, 6))\(Self.padded(name, 14))"
        let indent = String(repeating: " ", count: 20)
        return "\(head)\(detail)" + (mend.map { "\n\(indent)→ \($0)" } ?? "")
    }

    private static func padded(_ text: String, _ width: Int) -> String {
        text + String(repeating: " ", count: max(1, width - text.count))
    }
}
