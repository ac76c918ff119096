package enum SQLEngine: String, Sendable, Hashable, CaseIterable {
    case postgres, sqlite
}

/// Puts an engine's own words where the SQL holds a token in braces. Any other brace stays as it is.
enum Dialect {
    private static let tokens: [(token: String, postgres: String, sqlite: String)] = [
        ("{for update}", "FOR UPDATE", ""),
        ("{for no key update}", "FOR NO KEY UPDATE", ""),
        ("{for no key update of m}", "FOR NO KEY UPDATE OF m", ""),
        ("{for key share}", "FOR KEY SHARE", ""),
        ("{for update skip locked}", "FOR UPDATE SKIP LOCKED", ""),
        ("{for no key update skip locked}", "FOR NO KEY UPDATE SKIP LOCKED", ""),
        ("{json}", "JSONB", "TEXT"),
        ("{bytes}", "BYTEA", "BLOB"),
        ("{double}", "DOUBLE PRECISION", "REAL"),
        ("{rowid}", "BIGINT", "INTEGER"),
        ("{words}", "TSVECTOR", "TEXT"),
    ]

    static func render(_ sql: String, for engine: SQLEngine, rows: [SQLRows.Column] = []) -> String {
        guard sql.utf8.contains(UInt8(ascii: "{")) else { return sql }
        var output = ""
        var rest = sql[...]
        while let brace = rest.firstIndex(of: "{") {
            output += rest[..<brace]
            rest = rest[brace...]
            if !rows.isEmpty, rest.hasPrefix("{rows}") {
                output += rowSet(rows, engine)
                rest = rest.dropFirst("{rows}".count)
            } else if let match = tokens.first(where: { rest.hasPrefix($0.token) }) {
                output += engine == .postgres ? match.postgres : match.sqlite
                rest = rest.dropFirst(match.token.count)
            } else if let channel = rest.prefixMatch(of: /{notify ([a-z_]+)}/) {
                // The statement that writes also notifies, so that it costs no round trip of its own.
                output += engine == .postgres ? "RETURNING \(Notice.call(String(channel.1)))" : ""
                rest = rest[channel.range.upperBound...]
            } else if let part = SQLEngine.allCases.first(where: { rest.hasPrefix("{\($0.rawValue)}") }),
                let end = rest.firstRange(of: "{end}")
            {
                // What only one engine has.
                let inside = rest[..<end.lowerBound].dropFirst(part.rawValue.count + 2)
                if part == engine { output += render(String(inside), for: engine) }
                rest = rest[end.upperBound...]
            } else {
                output.append("{")
                rest = rest.dropFirst()
            }
        }
        return output + rest
    }

    private static func rowSet(_ columns: [SQLRows.Column], _ engine: SQLEngine) -> String {
        switch engine {
        case .postgres:
            let arrays = columns.enumerated().map { "$\($0.offset + 1)::\(postgresType($0.element.type))[]" }
            let names = columns.map { "\"\($0.name)\"" }
            return "unnest(\(arrays.joined(separator: ", "))) AS r(\(names.joined(separator: ", ")))"
        case .sqlite:
            let values = columns.enumerated().map { "$\($0.offset + 1) AS \"\($0.element.name)\"" }
            return "(SELECT \(values.joined(separator: ", "))) AS r"
        }
    }

    private static func postgresType(_ type: SQLType) -> String {
        switch type {
        case .text: "text"
        case .bigint: "bigint"
        case .boolean: "boolean"
        case .double: "double precision"
        case .json: "jsonb"
        case .bytes: "bytea"
        }
    }
}
