import Foundation
import Synchronization

/// What the reliability suites measured, as tables in Markdown in the file that `VESTIBULE_FIGURES` names; nowhere
/// when it names none.
enum Figures {
    private static let path = ProcessInfo.processInfo.environment["VESTIBULE_FIGURES"].flatMap { $0.isEmpty ? nil : $0 }
    private static let tables = Mutex<[(title: String, lines: [String])]>([])

    /// Adds a row to the table of this title; the first one makes the head from the columns' names.
    static func record(_ title: String, _ columns: KeyValuePairs<String, String>) throws {
        guard let path else { return }
        try tables.withLock { tables in
            let index =
                tables.firstIndex { $0.title == title }
                ?? {
                    let head = [
                        line(columns.map(\.key)), line(columns.enumerated().map { $0.offset == 0 ? "---" : "--:" }),
                    ]
                    tables.append((title, head))
                    return tables.count - 1
                }()
            tables[index].lines.append(line(columns.map(\.value)))
            let text = tables.map { "**\($0.title)**\n\n\($0.lines.joined(separator: "\n"))\n" }.joined(separator: "\n")
            try Data(text.utf8).write(to: URL(fileURLWithPath: path))
        }
    }

    private static func line(_ cells: [String]) -> String { "| " + cells.joined(separator: " | ") + " |" }

    /// As `1.24 s` or `83 ms`.
    static func time(_ duration: Duration) -> String {
        let seconds = duration / .seconds(1)
        return seconds < 1
            ? "\(Int((seconds * 1000).rounded())) ms" : "\((seconds * 100).rounded() / 100) s"
    }

    /// The middle and the largest, as `0.31 s, at most 1.2 s`.
    static func times(_ durations: [Duration]) -> String {
        let sorted = durations.sorted()
        guard let last = sorted.last else { return "-" }
        return "\(time(sorted[sorted.count / 2])), at most \(time(last))"
    }
}
