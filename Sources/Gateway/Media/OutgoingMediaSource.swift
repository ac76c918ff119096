import Fetch
import JSON
import SQL
import WhatsApp

/// A file that is to go out, in the store and checked.
struct PreparedMedia: Sendable {
    let row: MediaTable.Row
    /// Fetched for this draft; gone again if the draft is not taken.
    let isNew: Bool
}

/// Gets the file that a caller names: one of our own, or one from a public address.
struct OutgoingMediaSource: Sendable {
    let database: Database
    let store: MediaStore
    let fetch: FetchClient
    /// Hosts that the address guard lets through, from the settings.
    let allowedHosts: [String]

    private static let timeout: Duration = .seconds(60)
    private static let redirects = 3
    static let noSuchFile = GatewayError.mediaRejected("there is no file at this path")

    /// - Returns: nil for a draft without media.
    /// - Throws: `.mediaRejected` with what was found and what is allowed; `.invalid` when there is no `mediaUrl`.
    func prepare(_ draft: Draft, account: AccountID) async throws -> PreparedMedia? {
        guard case .media(let outgoing) = draft.content else { return nil }
        guard let url = draft.mediaURL else {
            throw GatewayError(
                .invalid, "`mediaUrl` must name the file: an /uploads/ path or a public address",
                data: ["field": "mediaUrl"])
        }
        if url.hasPrefix("/") { return try await own(url, outgoing.kind, account) }
        return try await download(url, outgoing, account)
    }

    func discard(_ media: PreparedMedia?) async {
        if let media, media.isNew { await store.forget(name: media.row.name) }
    }

    private func own(_ path: String, _ kind: MediaKind, _ account: AccountID) async throws -> PreparedMedia {
        guard let name = MediaName.inPath(String(path.prefix { $0 != "?" })),
            let row = try await database.read({ session in try MediaTable.find(name, session) }),
            row.account == account
        else { throw Self.noSuchFile }
        try Self.check(row, kind, store.rules)
        return PreparedMedia(row: row, isNew: false)
    }

    private static func check(_ row: MediaTable.Row, _ kind: MediaKind, _ rules: MediaRules) throws {
        do throws(MediaRules.Refusal) {
            _ = try rules.check(row.mimeType, as: kind, isSending: true)
        } catch {
            throw GatewayError.mediaRejected(error)
        }
        guard row.size <= rules.limit(of: kind, isSending: true) else { throw GatewayError.mediaTooLarge(kind, rules) }
    }

    private func download(_ url: String, _ outgoing: OutgoingMedia, _ account: AccountID) async throws -> PreparedMedia
    {
        try await store.checkSpace()
        var request = FetchRequest(url: url)
        request.timeout = Self.timeout
        request.redirects = Self.redirects
        request.addressGuard = AddressGuard(allow: allowedHosts, ports: [80, 443, 8080, 8443])
        let temporary = store.temporaryPath()
        let download: FetchDownload
        do throws(FetchError) {
            download = try await fetch.download(
                request, to: temporary, limit: store.rules.limit(of: outgoing.kind, isSending: true))
        } catch {
            throw Self.rejected(error, outgoing.kind, store.rules)
        }
        guard download.isSuccess else {
            throw GatewayError.mediaRejected("the address answered HTTP \(download.status)")
        }
        do {
            let row = try await store.adopt(
                temporary, kind: outgoing.kind, sha256: download.sha256, size: download.size,
                originalName: outgoing.fileName, account: account, isSending: true)
            return PreparedMedia(row: row, isNew: true)
        } catch let refusal as MediaRules.Refusal {
            throw GatewayError.mediaRejected(refusal)
        }
    }

    private static func rejected(
        _ error: FetchError, _ kind: MediaKind, _ rules: MediaRules
    ) -> GatewayError {
        switch error {
        case .invalidURL:
            GatewayError(.invalid, "`mediaUrl` must be an http or https address", data: ["field": "mediaUrl"])
        case .addressNotAllowed:
            GatewayError(.mediaRejected, "address not allowed", data: ["field": "mediaUrl"])
        case .couldNotResolve: .mediaRejected("the address's host can't be resolved")
        case .couldNotConnect, .tls: .mediaRejected("the address's host can't be connected to")
        case .timedOut: .mediaRejected("the address did not answer in time")
        case .tooLarge: .mediaTooLarge(kind, rules)
        case .tooManyRedirects: .mediaRejected("the address redirects too often")
        case .connectionLost, .other: .mediaRejected("the address gave no whole answer")
        case .fileSystem(let problem): .mediaNotStored(problem)
        case .cancelled: GatewayError(.unavailable, "the request was cancelled before it was done; try again")
        }
    }

}
