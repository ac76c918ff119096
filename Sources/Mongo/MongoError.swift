import CMongo

/// Why MongoDB didn't do what was asked.
package struct MongoError: Error, Hashable {
    package enum Kind: Sendable, Hashable {
        /// No server could be reached, or it is not ready; the same may succeed later. Whether a write was done is open.
        case unavailable
        case invalidURI
        /// A document that can't be written, or one from the server that can't be read.
        case invalidDocument
        /// A write that the server refused, or couldn't do as safely as asked, by its code.
        case write(code: Int)
        /// Any other command that the server refused, by its code.
        case command(code: Int)
    }

    package let kind: Kind
    /// The server's or the library's words, without the values of documents.
    package let message: String

    package init(_ kind: Kind, _ message: String) {
        self.kind = kind
        self.message = message
    }
}

extension MongoError {
    /// What the server says while it starts, stops, changes its role, or has no time or room: nothing of it is the fault of
    /// what was asked.
    private static let passingCodes: Set<Int> = [
        6, 7, 24, 46, 50, 64, 89, 91, 112, 133, 189, 262, 317, 9001, 10107, 11600, 11602, 13435, 13436, 14031,
    ]

    static func isPassing(code: Int) -> Bool { passingCodes.contains(code) }

    init(_ error: bson_error_t, isWrite: Bool) {
        let code = Int(error.code)
        let domains: Set<UInt32> = [
            MONGOC_ERROR_STREAM.rawValue, MONGOC_ERROR_SERVER_SELECTION.rawValue, MONGOC_ERROR_CLIENT.rawValue,
            MONGOC_ERROR_PROTOCOL.rawValue, MONGOC_ERROR_SCRAM.rawValue, MONGOC_ERROR_SASL.rawValue,
        ]
        let kind: Kind
        if domains.contains(error.domain) || Self.isPassing(code: code) {
            kind = .unavailable
        } else {
            kind = isWrite ? .write(code: code) : .command(code: code)
        }
        self.init(kind, Self.tidy(error.text))
    }

    /// The server's words, cut short before they tell the values of a document.
    static func tidy(_ message: String) -> String {
        var message = message[...]
        for values in [" dup key", ": {", " {"] {
            if let range = message.firstRange(of: values) { message = message[..<range.lowerBound] }
        }
        return String(message.prefix(300))
    }
}

extension bson_error_t {
    /// The message, which C keeps in a fixed array that ends in NUL.
    fileprivate var text: String {
        withUnsafeBytes(of: message) { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) }
    }
}
