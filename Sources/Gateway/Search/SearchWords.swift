import Foundation

/// The words of a text as they are indexed and looked for, the same for both engines: in lower case, without accents,
/// nothing but letters, digits and marks in them. Scripts that put no spaces between words are taken in pairs of
/// characters.
enum SearchWords {
    enum Piece: Equatable {
        case word(String)
        /// What stands together of such a script, character by character.
        case run([String])

        /// Marks alone are no word.
        var hasLetters: Bool {
            switch self {
            case .word(let word): word.unicodeScalars.contains { !$0.properties.generalCategory.isMark }
            case .run(let run): run.contains { $0.unicodeScalars.contains { !$0.properties.generalCategory.isMark } }
            }
        }
    }

    /// A text has no more of them, and a word is cut there; who writes longer things than that is no customer.
    static let mostWords = 2000
    static let longestWord = 64

    /// What is indexed of these texts, each word once.
    static func words(of texts: [String?]) -> [String] {
        var words: [String] = []
        var known: Set<String> = []
        for piece in texts.compactMap(\.self).flatMap(pieces) {
            for word in Self.words(of: piece) where known.insert(word).inserted {
                words.append(word)
                if words.count == mostWords { return words }
            }
        }
        return words
    }

    /// Each character of a run begins a word of the index, so that it is found alone, too.
    private static func words(of piece: Piece) -> [String] {
        switch piece {
        case .word(let word): [word]
        case .run(let run): zip(run, run.dropFirst()).map { $0 + $1 } + run.suffix(1)
        }
    }

    static func pieces(of text: String) -> [Piece] {
        var pieces: [Piece] = []
        var word = ""
        var length = 0
        var run: [String] = []
        func end() {
            if !word.isEmpty { pieces.append(.word(word)) }
            if !run.isEmpty { pieces.append(.run(run)) }
            (word, length, run) = ("", 0, [])
        }
        for scalar in folded(text).unicodeScalars {
            guard isOfWord(scalar) else {
                end()
                continue
            }
            if isOfRun(scalar) {
                if !word.isEmpty { end() }
                run.append(String(scalar))
            } else {
                if !run.isEmpty { end() }
                guard length < longestWord else { continue }
                word.unicodeScalars.append(scalar)
                length += 1
            }
        }
        end()
        return pieces
    }

    private static func folded(_ text: String) -> String {
        if text.utf8.allSatisfy({ $0 < 0x80 }) { return text.lowercased() }
        var bare = String.UnicodeScalarView()
        for scalar in text.decomposedStringWithCompatibilityMapping.unicodeScalars where !isDropped(scalar) {
            bare.append(scalar)
        }
        var folded = ""
        for scalar in String(bare).lowercased().precomposedStringWithCanonicalMapping.unicodeScalars
        where !isDropped(scalar) {
            if let letters = letters[scalar] { folded += letters } else { folded.unicodeScalars.append(scalar) }
        }
        return folded
    }

    /// Letters that Unicode does not take apart.
    private static let letters: [Unicode.Scalar: String] = [
        "ß": "ss", "æ": "ae", "œ": "oe", "ø": "o", "ł": "l", "đ": "d", "ı": "i", "ς": "σ",
    ]

    /// What changes how a letter looks or sounds, and is left out by many who write it: accents, points, joiners.
    private static func isDropped(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.value {
        case 0x0300...0x036F, 0x0591...0x05BD, 0x05BF, 0x05C1...0x05C2, 0x05C4...0x05C5, 0x05C7, 0x0610...0x061A,
            0x0640, 0x064B...0x065F, 0x0670, 0x00AD, 0x200B...0x200F, 0x2060, 0xFE00...0xFE0F:
            true
        default: false
        }
    }

    private static func isOfWord(_ scalar: Unicode.Scalar) -> Bool {
        if scalar.value < 0x80 { return (0x30...0x39).contains(scalar.value) || (0x61...0x7A).contains(scalar.value) }
        return switch scalar.properties.generalCategory {
        case .uppercaseLetter, .lowercaseLetter, .titlecaseLetter, .modifierLetter, .otherLetter, .nonspacingMark,
            .spacingMark, .decimalNumber, .letterNumber, .otherNumber:
            true
        default: false
        }
    }

    /// Thai, Lao, Burmese, Khmer, kana and ideographs.
    private static func isOfRun(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.value {
        case 0x0E00...0x0EFF, 0x1000...0x109F, 0x1780...0x17FF, 0x3005...0x3007, 0x3040...0x30FF, 0x31F0...0x31FF,
            0x3400...0x4DBF, 0x4E00...0x9FFF, 0xF900...0xFAFF, 0x20000...0x3FFFF:
            true
        default: false
        }
    }
}

extension Unicode.GeneralCategory {
    fileprivate var isMark: Bool { self == .nonspacingMark || self == .spacingMark }
}
