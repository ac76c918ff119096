/// How log lines are written: for people, or one JSON object a line for machines.
enum LogFormat: String, CaseIterable, Sendable {
    case text, json
}
