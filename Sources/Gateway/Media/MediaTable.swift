import SQL

/// The files under `uploads/whatsapp`.
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
        /// Whether it was made of a browser's recording just now; not kept.
        var isRecording = false
    }

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
        try session.query("SELECT * FROM media WHERE name = $1", [.text(name)]).first.map(Row.init)
    }

    /// Whether any message points to it.
    static func isUsed(_ name: String, _ session: SQLSession) throws -> Bool {
        try !session.query(
            "SELECT message_id FROM whatsapp_messages WHERE media_url = $1 LIMIT 1", [.text(MediaName.path(of: name))]
        ).isEmpty
    }

    /// Files of this content that messages point to; a few of them.
    static func used(account: AccountID, sha256: String, _ session: SQLSession) throws -> [Row] {
        try session.query(
            """
            SELECT f.* FROM media f WHERE f.account_id = $1 AND f.sha256 = $2
            AND EXISTS (SELECT 1 FROM whatsapp_messages m WHERE m.media_url = '/uploads/whatsapp/' || f.name)
            ORDER BY f.name LIMIT 20
            """, [.text(account.rawValue), .text(sha256)]
        ).map(Row.init)
    }

    /// Keeps a file from being purged until the transaction ends.
    /// - Returns: false when there is none of this name any more.
    static func hold(_ name: String, _ session: SQLSession) throws -> Bool {
        try !session.query("SELECT name FROM media WHERE name = $1 {for update}", [.text(name)]).isEmpty
    }
}

extension MediaTable.Row {
    fileprivate init(_ row: SQLRow) throws {
        name = try row.text("name")
        account = AccountID(rawValue: try row.text("account_id"))
        sha256 = try row.text("sha256")
        mimeType = try row.text("mime_type")
        size = try row.integer("size")
        originalName = try row.textOrNil("original_name")
        createdAt = try row.integer("created_at")
    }
}
