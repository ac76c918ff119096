import Foundation
import HTTPTypes

/// One request, read whole.
struct Call: Sendable {
    let method: String
    /// Decoded path segments without empty ones.
    let segments: [String]
    let query: [String: String]
    let headers: HTTPFields
    /// `Host`: name and port that the client asked for.
    let authority: String?
    let body: [UInt8]

    var bearer: String? {
        guard let value = headers[.authorization] else { return query["access_token"] }
        let parts = value.split(separator: " ", maxSplits: 1)
        guard parts.count == 2, parts[0].lowercased() == "bearer" else { return nil }
        return String(parts[1])
    }

    /// Splits a request target. `+` stays a plus sign, since phone numbers begin with it.
    static func split(target: String) -> (segments: [String], query: [String: String]) {
        let halves = target.split(separator: "?", maxSplits: 1, omittingEmptySubsequences: false)
        let segments = (halves.first ?? "").split(separator: "/").map { decode($0) }
        var query: [String: String] = [:]
        for pair in halves.dropFirst().first?.split(separator: "&") ?? [] {
            let sides = pair.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            query[decode(sides[0])] = sides.count == 2 ? decode(sides[1]) : ""
        }
        return (segments, query)
    }

    private static func decode(_ text: Substring) -> String {
        text.removingPercentEncoding ?? String(text)
    }
}
