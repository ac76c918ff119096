import Crypto
import Foundation
import SQL

/// A file in a server's store, put there beside the server: its bytes on disk and its row.
struct StoredSample: Sendable {
    let name: String
    let bytes: [UInt8]

    var path: String { "/uploads/whatsapp/\(name)" }
    var etag: String { "\"\(Self.hash(bytes))\"" }

    static func put(
        _ bytes: [UInt8], in site: Site, name: String = "0123456789abcdef0123456789abcdef.pdf",
        type: String = "application/pdf", originalName: String? = nil, createdAt: Int64 = 1_702_656_000_123
    ) async throws -> StoredSample {
        try Data(bytes).write(to: site.uploads.appending(path: "whatsapp/\(name)"))
        try await site.stores.withDatabase { database in
            try await database.transaction { session in
                _ = try session.execute(
                    """
                    INSERT INTO media (name, account_id, sha256, mime_type, size, original_name, created_at)
                    VALUES ($1, 'default', $2, $3, $4, $5, $6)
                    """,
                    [
                        .text(name), .text(hash(bytes)), .text(type), .integer(Int64(bytes.count)),
                        originalName.map(SQLValue.text) ?? .null, .integer(createdAt),
                    ])
            }
        }
        return StoredSample(name: name, bytes: bytes)
    }

    private static func hash(_ bytes: [UInt8]) -> String {
        SHA256.hash(data: bytes).map { byte in (byte < 16 ? "0" : "") + String(byte, radix: 16) }.joined()
    }
}
