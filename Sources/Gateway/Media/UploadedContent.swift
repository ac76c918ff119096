import SQL

/// Bytes of one account, known to Meta by the media id that they got when they were uploaded.
struct UploadedContent: Sendable, Hashable {
    let account: AccountID
    let sha256: String
    let mimeType: String

    /// Meta keeps an uploaded medium so long.
    private static let lifetime: Milliseconds = 30 * .day
    private static let isThis = "account_id = $1 AND sha256 = $2 AND mime_type = $3"
    private var key: [SQLValue] { [.text(account.rawValue), .text(sha256), .text(mimeType)] }

    init(account: AccountID, _ row: MediaTable.Row) {
        self.account = account
        sha256 = row.sha256
        mimeType = row.mimeType
    }

    /// - Returns: nil when Meta does not have it, or no more.
    func mediaID(at now: Milliseconds, _ session: SQLSession) throws -> String? {
        try session.query(
            "SELECT media_id FROM media_uploads WHERE \(Self.isThis) AND uploaded_at > $4",
            key + [.integer(now - Self.lifetime)]
        ).first?.text("media_id")
    }

    func keep(_ mediaID: String, at now: Milliseconds, _ session: SQLSession) throws {
        _ = try session.execute(
            """
            INSERT INTO media_uploads (account_id, sha256, mime_type, media_id, uploaded_at)
            VALUES ($1, $2, $3, $4, $5)
            ON CONFLICT (account_id, sha256, mime_type)
            DO UPDATE SET media_id = excluded.media_id, uploaded_at = excluded.uploaded_at
            """, key + [.text(mediaID), .integer(now)])
    }

    /// Nothing holds the content any more: what is known of it goes, too.
    func forgetUnlessStored(_ session: SQLSession) throws {
        _ = try session.execute(
            """
            DELETE FROM media_uploads WHERE \(Self.isThis) AND NOT EXISTS (
                SELECT 1 FROM media f WHERE f.account_id = $1 AND f.sha256 = $2 AND f.mime_type = $3)
            """, key)
    }

    /// Meta does not have it under this id any more; a newer upload stays.
    func forget(_ mediaID: String, _ session: SQLSession) throws {
        _ = try session.execute(
            "DELETE FROM media_uploads WHERE \(Self.isThis) AND media_id = $4", key + [.text(mediaID)])
    }
}
