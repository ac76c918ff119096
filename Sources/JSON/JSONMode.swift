/// How forgiving the parser is.
package enum JSONMode: Sendable {
    /// RFC 8259 to the letter. Errors: bad UTF-8, lone surrogates, duplicate keys, numbers no finite `Double` holds.
    /// An integer beyond `Int64` becomes a `number`.
    case strict
    /// For what can't be sent back for correction. Bad UTF-8 and lone surrogates become U+FFFD, the last of duplicate
    /// keys wins, and a number that doesn't fit (an integer beyond `Int64` too) is a `string` of its digits.
    case lenient
}

/// Why a text is no JSON, and at which byte.
package struct JSONError: Error, Hashable {
    package let offset: Int
    package let message: String

    package init(offset: Int, message: String) {
        self.offset = offset
        self.message = message
    }
}
