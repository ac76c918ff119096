import SQL
import WhatsApp

/// Brings a stored file to Meta, once per content and account as long as Meta keeps it.
struct OutgoingUpload: Sendable {
    let database: Database
    let store: MediaStore
    let graph: GraphClient
    let clock: Clock
    private let uploads = SharedWork<UploadedContent, String>()

    init(database: Database, store: MediaStore, graph: GraphClient, clock: Clock) {
        self.database = database
        self.store = store
        self.graph = graph
        self.clock = clock
    }

    /// A file at Meta.
    struct Upload: Sendable {
        let content: UploadedContent
        let mediaID: String
        /// From an upload before: Meta may have dropped it since.
        let isKept: Bool
    }

    /// - Returns: nil when the job names no file.
    /// - Throws: `GraphError`.
    func upload(
        of name: String?, _ account: Account, _ token: Secret, _ number: String
    ) async throws -> Upload? {
        guard let name, let row = try await database.read({ session in try MediaTable.find(name, session) }) else {
            return nil
        }
        let content = UploadedContent(account: account.id, row)
        if let known = try await kept(content) { return Upload(content: content, mediaID: known, isKept: true) }
        let id = try await uploads.run(content) {
            // One that has just ended was not waited for.
            if let known = try await kept(content) { return known }
            let id = try await store.withFile(name) { path in
                try await graph.uploadMedia(
                    path: path, mimeType: row.mimeType, fileName: row.originalName ?? name, phoneNumberID: number,
                    token: token)
            }
            let now = clock.now()
            try await database.transaction { session in try content.keep(id, at: now, session) }
            return id
        }
        return Upload(content: content, mediaID: id, isKept: false)
    }

    private func kept(_ content: UploadedContent) async throws -> String? {
        let now = clock.now()
        return try await database.read { session in try content.mediaID(at: now, session) }
    }
}
