import SQL

/// The files under `uploads/whatsapp`, and the media ids that Meta gave for their content.
enum MediaTable {
    struct Row: Sendable, Hashable {
        /// The file's unguessable name.
        let name: String
        let account: AccountID
        let sha256: String
        let mimeType: String
        let size: Int64
        let originalName: String?
        let createdAt: Milliseconds
    }

    /// Meta keeps an uploaded medium for 30 days; a day less is safe.
    private static let uploadLife: Milliseconds = 29 * .day

    static func insert(_ row: Row, _ session: SQLSession) throws {
        _ = try session.execute(
            """
            INSERT INTO media (name, account_id, sha256, mime_type, size, original_name, created_at)
            VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT (name) DO NOTHING
            """,
            [
                .text(row.name), .text(row.account.rawValue), .text(row.sha256), .text(row.mimeType),
                .integer(row.size), MessageColumns.text(row.originalName), .integer(row.createdAt),
            ])
    }

    static func delete(_ name: String, _ session: SQLSession) throws {
        _ = try session.execute("DELETE FROM media WHERE name = $1", [.text(name)])
    }

    static func find(_ name: String, _ session: SQLSession) throws -> Row? {
        try session.query("SELECT * FROM media WHERE name = $1", [.text(name)]).first.map { row in
            Row(
                name: try row.text("name"), account: AccountID(rawValue: try row.text("account_id")),
                sha256: try row.text("sha256"), mimeType: try row.text("mime_type"), size: try row.integer("size"),
                originalName: try row.textOrNil("original_name"), createdAt: try row.integer("created_at"))
        }
    }

    /// Keeps a file from being purged until the transaction ends.
    /// - Returns: false when there is none of this name any more.
    static func hold(_ name: String, _ session: SQLSession) throws -> Bool {
        try !session.query("SELECT name FROM media WHERE name = $1 {for update}", [.text(name)]).isEmpty
    }

    static func uploaded(
        _ row: Row, account: AccountID, at now: Milliseconds, _ session: SQLSession
    ) throws -> String? {
        try session.query(
            """
            SELECT media_id FROM media_uploads
            WHERE account_id = $1 AND sha256 = $2 AND mime_type = $3 AND uploaded_at > $4
            """,
            [
                .text(account.rawValue), .text(row.sha256), .text(row.mimeType), .integer(now - uploadLife),
            ]
        ).first?.text("media_id")
    }

    static func keepUpload(
        _ id: String, of row: Row, account: AccountID, at now: Milliseconds, _ session: SQLSession
    ) throws {
        _ = try session.execute(
            """
            INSERT INTO media_uploads (account_id, sha256, mime_type, media_id, uploaded_at)
            VALUES ($1, $2, $3, $4, $5)
            ON CONFLICT (account_id, sha256, mime_type)
            DO UPDATE SET media_id = excluded.media_id, uploaded_at = excluded.uploaded_at
            """,
            [
                .text(account.rawValue), .text(row.sha256), .text(row.mimeType), .text(id), .integer(now),
            ])
    }
}
