import JSON

/// What a LiveKit access token says of its holder and allows it.
package struct AccessToken: Sendable, Hashable {
    /// Unique in a room: who joins under one that is there already takes its place.
    package var identity: String?
    /// Shown to people.
    package var name: String?
    package var metadata: String?
    package var attributes: [String: String] = [:]
    package var kind: ParticipantKind?
    /// As in `connector_whatsapp`.
    package var kindDetails: [String] = []
    package var grants: VideoGrants
    package var room: RoomConfiguration?
    /// Base64 of the SHA-256 of a webhook's body; in no other token.
    package var bodyHash: String?

    /// Seconds that a token may hold at most.
    package static let longestLife: Int64 = 24 * 60 * 60

    package init(_ grants: VideoGrants, identity: String? = nil) {
        self.grants = grants
        self.identity = identity
    }

    /// The token as a JWT (HS256).
    /// - Parameters:
    ///   - now: milliseconds since 1970.
    ///   - life: seconds, from 1 to `longestLife`.
    /// - Throws: when the life is out of bounds, or a token for joining names no room or no identity.
    package func signed(by key: APIKey, at now: Int64, life: Int64) throws(TokenError) -> SignedToken {
        guard 1...Self.longestLife ~= life else { throw .lifeOutOfBounds }
        if grants.roomJoin {
            guard grants.room?.isEmpty == false, identity?.isEmpty == false else { throw .incomplete }
        }
        var claims: JSONObject = ["iss": .string(key.id), "nbf": .integer(now / 1000)]
        claims["exp"] = .integer(now / 1000 + life)
        claims["sub"] = identity.map { .string($0) }
        claims["name"] = name.map { .string($0) }
        claims["metadata"] = metadata.map { .string($0) }
        if !attributes.isEmpty {
            let sorted = attributes.sorted { $0.key < $1.key }
            claims["attributes"] = .object(JSONObject(sorted.map { ($0.key, .string($0.value)) }))
        }
        claims["kind"] = kind.map { .string($0.name) }
        if !kindDetails.isEmpty { claims["kindDetails"] = .array(kindDetails.map { .string($0) }) }
        claims["video"] = .object(grants.json)
        claims["roomConfig"] = room.map { .object($0.json) }
        claims["sha256"] = bodyHash.map { .string($0) }
        return SignedToken(JWT.signed(.object(claims), by: key))
    }

    init(claims: JSON) {
        identity = claims["sub"]?.string
        name = claims["name"]?.string
        metadata = claims["metadata"]?.string
        for (key, value) in claims["attributes"]?.object ?? [:] { attributes[key] = value.string }
        kind = claims["kind"]?.string.flatMap { $0.isEmpty ? nil : ParticipantKind($0) }
        kindDetails = claims["kindDetails"]?.array?.compactMap(\.string) ?? []
        grants = VideoGrants(claims["video"])
        room = RoomConfiguration(claims["roomConfig"])
        bodyHash = claims["sha256"]?.string
    }
}

/// A token that opens what it says to whoever holds it, so it never prints itself.
package struct SignedToken: Sendable {
    private let jwt: String

    init(_ jwt: String) { self.jwt = jwt }

    /// The token in the clear, for the one who joins or the one request that carries it.
    package func reveal() -> String { jwt }
}

extension SignedToken: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    package var description: String { "<redacted>" }
    package var debugDescription: String { description }
    package var customMirror: Mirror { Mirror(self, children: []) }
}
