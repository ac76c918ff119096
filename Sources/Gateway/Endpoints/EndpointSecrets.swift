import SQL
import WhatsApp

/// The secrets of one endpoint as its row keeps them, sealed where there is a key for that: the present one, and for a
/// while the one before it.
struct EndpointSecrets: Sendable {
    /// How long the one before signs, too.
    static let overlap: Milliseconds = .day

    private let owner: String
    private let stored: String
    private let old: String?
    private let oldUntil: Milliseconds

    init(_ row: SQLRow) throws {
        owner = try row.text("endpoint_id")
        stored = try row.text("secret")
        old = try row.textOrNil("old_secret")
        oldUntil = try row.integerOrNil("old_secret_until") ?? 0
    }

    /// The headers of a delivery.
    /// - Parameters:
    ///   - time: of this try by the clock that receivers have, in milliseconds; they refuse what is minutes old.
    ///   - now: by the clock of the gateways.
    func headers(
        id: String, time: Milliseconds, body: [UInt8], now: Milliseconds, _ box: SecretBox
    ) throws(GatewayError) -> [(String, String)] {
        let seconds = String(time / 1000)
        var secrets = [try box.open(stored, of: owner)]
        // One whose key is gone was replaced for that reason.
        if now < oldUntil, let old, let open = try? box.open(old, of: owner) { secrets.append(open) }
        let signatures = secrets.compactMap { EndpointSecret($0.reveal()) }
            .map { $0.signature(id: id, seconds: seconds, body: body) }
        return [
            ("webhook-id", id), ("webhook-timestamp", seconds),
            ("webhook-signature", signatures.joined(separator: " ")),
        ]
    }

    /// Puts a new one in the place of the present one, which signs beside it for a day.
    static func replace(
        of endpoint: String, with secret: EndpointSecret, at now: Milliseconds, _ box: SecretBox, _ session: SQLSession
    ) throws {
        _ = try session.execute(
            """
            UPDATE webhook_endpoints SET old_secret = secret, old_secret_until = $3, secret = $2, updated_at = $4
            WHERE endpoint_id = $1
            """,
            [
                .text(endpoint), .text(try box.seal(secret.text, of: endpoint)), .integer(now + overlap), .integer(now),
            ])
    }

    /// Seals with the present key what has none or an older one. What can't be opened is left as it is.
    static func sealAll(_ box: SecretBox, in database: Database) async throws {
        try await database.transaction { session in
            let rows = try session.query(
                """
                SELECT endpoint_id, secret, old_secret FROM webhook_endpoints ORDER BY endpoint_id {for no key update}
                """)
            for row in rows {
                let id = try row.text("endpoint_id")
                for column in ["secret", "old_secret"] {
                    guard let stored = try row.textOrNil(column), !box.isCurrent(stored) else { continue }
                    // A delivery says so that needs it.
                    guard let secret = try? box.open(stored, of: id) else { continue }
                    _ = try session.execute(
                        "UPDATE webhook_endpoints SET \(column) = $2 WHERE endpoint_id = $1",
                        [.text(id), .text(try box.seal(secret, of: id))])
                }
            }
        }
    }
}
