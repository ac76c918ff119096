/// The settings in a `.env` file: one `NAME=value` a line, `export` in front allowed, `#` begins a comment.
/// A value in single quotes stands as it is; in double quotes `\n`, `\t`, `\"`, `\$` and `\\` are understood;
/// a bare value ends before ` #`. Nothing is expanded, and a later line wins.
struct DotEnvFile: Sendable {
    private(set) var values: [String: String] = [:]
    private(set) var problems: [SettingProblem] = []

    init(_ text: String) {
        for (index, line) in text.split(separator: "\n", omittingEmptySubsequences: false).enumerated() {
            do throws(LineError) {
                guard let (name, value) = try Self.parse(Self.trimmed(line)) else { continue }
                values[name] = value
            } catch {
                problems.append(SettingProblem(name: ".env line \(index + 1)", problem: error.problem))
            }
        }
    }

    private struct LineError: Error {
        let problem: String
    }

    private static func parse(_ line: Substring) throws(LineError) -> (name: String, value: String)? {
        guard !line.isEmpty, !line.hasPrefix("#") else { return nil }
        let assignment = line.hasPrefix("export ") ? trimmed(line.dropFirst(7)) : line
        guard let equals = assignment.firstIndex(of: "=") else {
            throw LineError(problem: "expected NAME=value")
        }
        let name = trimmed(assignment[..<equals])
        guard isName(name) else {
            throw LineError(problem: "expected a name of letters, digits and underscores before \"=\"")
        }
        return (String(name), try value(trimmed(assignment[assignment.index(after: equals)...])))
    }

    private static func value(_ text: Substring) throws(LineError) -> String {
        guard let quote = text.first, quote == "\"" || quote == "'" else { return bareValue(text) }
        var value = ""
        var rest = text.dropFirst()
        while let character = rest.popFirst() {
            if character == quote {
                let after = trimmed(rest)
                guard after.isEmpty || after.hasPrefix("#") else {
                    throw LineError(problem: "expected nothing after the closing quote")
                }
                return value
            }
            guard character == "\\", quote == "\"", let escaped = rest.popFirst() else {
                value.append(character)
                continue
            }
            switch escaped {
            case "n": value.append("\n")
            case "t": value.append("\t")
            case "\"", "\\", "$": value.append(escaped)
            default: value += "\\\(escaped)"
            }
        }
        throw LineError(problem: "the closing quote is missing")
    }

    private static func bareValue(_ text: Substring) -> String {
        var end = text.startIndex
        var previous: Character = " "
        while end < text.endIndex {
            if text[end] == "#", previous == " " || previous == "\t" { break }
            previous = text[end]
            end = text.index(after: end)
        }
        return String(trimmed(text[..<end]))
    }

    private static func isName(_ text: Substring) -> Bool {
        guard let first = text.utf8.first, !(UInt8(ascii: "0")...UInt8(ascii: "9")).contains(first) else {
            return false
        }
        return text.allSatisfy { $0 == "_" || ($0.isASCII && ($0.isLetter || $0.isNumber)) }
    }

    /// Without white space at either end; a carriage return counts, so files from Windows read the same.
    private static func trimmed(_ text: Substring) -> Substring {
        var text = text
        while let first = text.first, first.isWhitespace { text.removeFirst() }
        while let last = text.last, last.isWhitespace { text.removeLast() }
        return text
    }
}
