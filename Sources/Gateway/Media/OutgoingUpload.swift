import SQL
import WhatsApp

/// Brings a stored file to Meta, once per content and account as long as Meta keeps it.
struct OutgoingUpload: Sendable {
    let database: Database
    let store: MediaStore
    let graph: GraphClient
    let clock: Clock

    /// - Returns: Meta's media id; nil when the job names no file.
    /// - Throws: `GraphError`.
    func graphID(
        of name: String?, _ media: OutgoingMedia, _ account: Account, _ token: Secret, _ number: String
    ) async throws -> String? {
        guard let name, let row = try await database.read({ session in try MediaTable.find(name, session) }) else {
            return nil
        }
        let now = clock.now()
        if let known = try await database.read({ session in
            try MediaTable.uploaded(row, account: account.id, at: now, session)
        }) {
            return known
        }
        let id = try await store.withFile(name) { path in
            try await graph.uploadMedia(
                path: path, mimeType: row.mimeType, fileName: row.originalName ?? name, phoneNumberID: number,
                token: token)
        }
        try await database.transaction { session in
            try MediaTable.keepUpload(id, of: row, account: account.id, at: now, session)
        }
        return id
    }
}
