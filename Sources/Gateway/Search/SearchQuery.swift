import SQL

/// What is looked for: all of these words. Made of the caller's words alone, which hold nothing that means anything to
/// an engine: whatever is asked is a right query or is refused here.
package struct SearchQuery: Sendable, Hashable {
    struct Term: Hashable {
        let word: String
        /// Whether longer words that begin so will do.
        let isBeginning: Bool
    }

    let terms: [Term]

    private static let longest = 200
    /// Beyond what so many characters usually hold.
    private static let mostTerms = 200

    /// Of messages: the last word may be the beginning of one.
    package static func messages(_ text: String) throws(GatewayError) -> SearchQuery { try SearchQuery(text) }

    /// Of rooms: as of messages; what is a phone number, or a part of one, is taken as such.
    package static func rooms(_ text: String) throws(GatewayError) -> SearchQuery {
        let digits = text.filter { ("0"..."9").contains($0) }
        if digits.count >= RoomWords.fewestDigits, text.allSatisfy({ digits.contains($0) || " +-().".contains($0) }) {
            return try SearchQuery(digits)
        }
        return try SearchQuery(text)
    }

    private init(_ text: String) throws(GatewayError) {
        guard (1...Self.longest).contains(text.unicodeScalars.count) else {
            throw Self.refusal("must be 1 to \(Self.longest) characters")
        }
        let pieces = SearchWords.pieces(of: text).filter(\.hasLetters)
        var terms: [Term] = []
        for (place, piece) in pieces.enumerated() {
            switch piece {
            case .word(let word):
                let isLast = place == pieces.count - 1
                terms.append(Term(word: word, isBeginning: isLast && word.unicodeScalars.count > 1))
            case .run(let run) where run.count == 1: terms.append(Term(word: run[0], isBeginning: true))
            case .run(let run):
                terms += zip(run, run.dropFirst()).map { Term(word: $0 + $1, isBeginning: false) }
            }
        }
        guard !terms.isEmpty else { throw Self.refusal("must have a letter or a digit in it") }
        var known: Set<Term> = []
        self.terms = Array(terms.filter { known.insert($0).inserted }.prefix(Self.mostTerms))
    }

    private static func refusal(_ problem: String) -> GatewayError {
        GatewayError(.invalid, "`q` \(problem)", data: ["field": "q"])
    }

    /// That a row has the words, looked at without an index.
    func condition(of column: String, _ values: inout [SQLValue], _ engine: SQLEngine) -> String {
        switch engine {
        case .postgres:
            values.append(.text(text(for: .postgres)))
            return "\(column) @@ CAST($\(values.count) AS TSQUERY)"
        case .sqlite:
            return terms.map { term in
                values.append(.text(" \(term.word)\(term.isBeginning ? "" : " ")"))
                return "instr(' ' || \(column) || ' ', $\(values.count)) > 0"
            }.joined(separator: " AND ")
        }
    }

    /// As `tsquery` or FTS5 reads it.
    func text(for engine: SQLEngine) -> String {
        switch engine {
        case .postgres: terms.map { "'\($0.word)'\($0.isBeginning ? ":*" : "")" }.joined(separator: " & ")
        case .sqlite: terms.map { "\"\($0.word)\"\($0.isBeginning ? "*" : "")" }.joined(separator: " AND ")
        }
    }
}
