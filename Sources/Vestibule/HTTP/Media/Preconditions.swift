import HTTPTypes

/// The conditions of a request for a file (RFC 9110, §13): its ETag is strong, its date exact to the second.
struct Preconditions: Sendable {
    enum Outcome: Sendable, Hashable {
        case proceed
        /// 304: the caller has it.
        case notModified
        /// 412: the caller wants another version than there is.
        case failed
    }

    let etag: String
    /// Seconds since 1970.
    let modified: Int

    func outcome(_ headers: HTTPFields) -> Outcome {
        if let wanted = headers[.ifMatch] {
            guard Self.list(wanted).contains(where: { $0 == "*" || $0 == etag }) else { return .failed }
        } else if let date = headers[.ifUnmodifiedSince].flatMap(HTTPDate.seconds), modified > date {
            return .failed
        }
        if let known = headers[.ifNoneMatch] {
            let isKnown = Self.list(known).contains { $0 == "*" || $0 == etag || $0 == "W/\(etag)" }
            return isKnown ? .notModified : .proceed
        }
        if let date = headers[.ifModifiedSince].flatMap(HTTPDate.seconds), modified <= date { return .notModified }
        return .proceed
    }

    /// Whether ranges count: those asked for of another version, or of one that can't be told, are none.
    func takesRanges(_ headers: HTTPFields) -> Bool {
        guard let version = headers[.ifRange] else { return true }
        return version == etag || HTTPDate.seconds(version) == modified
    }

    private static func list(_ header: String) -> [Substring] {
        header.split(separator: ",").map { tag in
            tag.drop { $0 == " " || $0 == "\t" }.prefix { $0 != " " && $0 != "\t" }
        }
    }
}
