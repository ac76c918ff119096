import SQL

/// What was made of which file, and what could not be. Rows go with their source's.
enum RenditionTable {
    enum State: Sendable {
        case ready(MediaTable.Row)
        case failed(at: Milliseconds)
    }

    static func find(_ form: Rendition, of source: String, _ session: SQLSession) throws -> State? {
        let rows = try session.query(
            """
            SELECT r.sha256, r.mime_type, r.size, r.created_at, m.account_id, m.original_name
            FROM media_renditions r JOIN media m ON m.name = r.source WHERE r.source = $1 AND r.form = $2
            """, [.text(source), .text(form.rawValue)])
        guard let row = rows.first else { return nil }
        let time = try row.integer("created_at")
        guard let sha256 = try row.textOrNil("sha256") else { return .failed(at: time) }
        // A preview is looked at, not kept: it has no name of its own.
        let name = form == .m4a ? try row.textOrNil("original_name").map { FileName.clean($0, suffix: "m4a") } : nil
        return .ready(
            MediaTable.Row(
                name: form.name(of: source), account: AccountID(rawValue: try row.text("account_id")), sha256: sha256,
                mimeType: try row.text("mime_type"), size: try row.integer("size"), originalName: name, createdAt: time)
        )
    }

    /// - Parameter sha256: nil for one that could not be made.
    /// - Throws: `SQLError` of the kind `foreignKey` when the source is gone.
    static func store(
        _ form: Rendition, of source: String, sha256: String?, type: String, size: Int64, at now: Milliseconds,
        _ session: SQLSession
    ) throws {
        _ = try session.execute(
            """
            INSERT INTO media_renditions (source, form, sha256, mime_type, size, created_at)
            VALUES ($1, $2, $3, $4, $5, $6)
            ON CONFLICT (source, form) DO UPDATE SET sha256 = excluded.sha256, mime_type = excluded.mime_type,
                size = excluded.size, created_at = excluded.created_at
            """,
            [
                .text(source), .text(form.rawValue), MessageColumns.text(sha256), .text(type), .integer(size),
                .integer(now),
            ])
    }
}
