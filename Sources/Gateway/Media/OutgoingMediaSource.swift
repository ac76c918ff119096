import Crypto
import Fetch
import JSON
import SQL
import WhatsApp

/// A file that is to go out, in the store and checked.
struct PreparedMedia: Sendable {
    enum Origin: Sendable {
        /// The caller named a file of ours.
        case named
        /// Stored for this draft; gone again if the draft is not taken.
        case added
        /// The same file as one that a message has already.
        case shared
    }

    let row: MediaTable.Row
    let origin: Origin

    /// A recording that was made a voice message goes out as one.
    func shaping(_ draft: Draft) throws -> Draft {
        guard row.isRecording, case .media(let outgoing) = draft.content, !outgoing.voice else { return draft }
        var draft = draft
        draft.content = .media(try OutgoingMedia(kind: outgoing.kind, fileName: outgoing.fileName, voice: true))
        return draft
    }
}

/// Gets the file that a caller names: one of our own, one from a public address, or one within its own address.
struct OutgoingMediaSource: Sendable {
    let database: Database
    let store: MediaStore
    let fetch: FetchClient
    /// Hosts that the address guard lets through, from the settings.
    let allowedHosts: [String]

    private static let timeout: Duration = .seconds(60)
    private static let redirects = 3
    private static let noSuchFile = GatewayError.mediaRejected("there is no file at this path")

    /// - Returns: nil for a draft without media.
    /// - Throws: `.mediaRejected` with what was found and what is allowed; `.invalid` when there is no `mediaUrl`.
    func prepare(_ draft: Draft, account: AccountID) async throws -> PreparedMedia? {
        guard case .media(let outgoing) = draft.content else { return nil }
        guard let url = draft.mediaURL else {
            throw GatewayError(
                .invalid, "`mediaUrl` must name the file: an /uploads/ path, a public address or a data URL",
                data: ["field": "mediaUrl"])
        }
        if url.hasPrefix("/") { return try await own(url, outgoing.kind, account) }
        try await store.checkIntake()
        let limit = SendableForm.limit(of: outgoing.kind, fits: draft.fits, store.rules)
        let temporary = store.temporaryPath()
        defer { store.discard(temporary) }
        let content =
            DataURL.isOne(url)
            ? try await write(url, outgoing.kind, limit, to: temporary)
            : try await download(url, outgoing.kind, limit, to: temporary)
        if let row = try await shared(content, outgoing, account) { return PreparedMedia(row: row, origin: .shared) }
        do {
            let row = try await store.adopt(
                temporary, kind: outgoing.kind, sha256: content.sha256, size: content.size,
                originalName: outgoing.fileName, account: account, isSending: true, fits: draft.fits)
            return PreparedMedia(row: row, origin: .added)
        } catch let refusal as MediaRules.Refusal {
            throw GatewayError.mediaRejected(refusal)
        }
    }

    func discard(_ media: PreparedMedia?) async {
        if let media, media.origin == .added { await store.forget(name: media.row.name) }
    }

    /// In a temporary file.
    private struct Content {
        let sha256: [UInt8]
        let size: Int64
    }

    private func own(_ path: String, _ kind: MediaKind, _ account: AccountID) async throws -> PreparedMedia {
        guard let name = MediaName.inPath(String(path.prefix { $0 != "?" })),
            let row = try await database.read({ session in try MediaTable.find(name, session) }),
            row.account == account
        else { throw Self.noSuchFile }
        try Self.check(row, kind, store.rules)
        return PreparedMedia(row: row, origin: .named)
    }

    /// Keeps the file for the message that is being written. One that was here before may have been removed since it was
    /// looked up.
    static func keep(_ file: PreparedMedia, _ session: SQLSession) throws {
        guard try !MediaTable.hold(file.row.name, session) else { return }
        throw file.origin == .shared
            ? GatewayError(.unavailable, "the file was being removed just now; try again") : noSuchFile
    }

    private static func check(_ row: MediaTable.Row, _ kind: MediaKind, _ rules: MediaRules) throws {
        do throws(MediaRules.Refusal) {
            _ = try rules.check(row.mimeType, as: kind, isSending: true)
        } catch {
            throw GatewayError.mediaRejected(error)
        }
        let limit = rules.limit(of: kind, isSending: true)
        guard row.size <= limit else { throw GatewayError.mediaTooLarge(kind, limit) }
    }

    /// A file that a message has already, of the same bytes and under the same name, which is what it is downloaded as.
    private func shared(
        _ content: Content, _ outgoing: OutgoingMedia, _ account: AccountID
    ) async throws -> MediaTable.Row? {
        let hash = content.sha256.hexadecimal
        let rows = try await database.read { session in
            try MediaTable.used(account: account, sha256: hash, session)
        }
        return rows.first { row in
            let suffix = String(row.name.drop { $0 != "." }.dropFirst())
            guard row.originalName == outgoing.fileName.map({ FileName.clean($0, suffix: suffix) }) else {
                return false
            }
            do {
                try Self.check(row, outgoing.kind, store.rules)
                return true
            } catch {
                // Stored as another kind: it is judged anew, as this one.
                return false
            }
        }
    }

    private func write(_ url: String, _ kind: MediaKind, _ limit: Int64, to temporary: String) async throws -> Content {
        let bytes: [UInt8]
        do throws(DataURL.Malformed) {
            bytes = try DataURL.bytes(of: url)
        } catch {
            throw GatewayError(
                .invalid, "the data URL in `mediaUrl` can't be read: \(error.problem)", data: ["field": "mediaUrl"])
        }
        guard bytes.count <= limit else { throw GatewayError.mediaTooLarge(kind, limit) }
        do {
            try await store.threads.run { try LocalFile.write(bytes, to: temporary) }
        } catch {
            throw GatewayError.mediaNotStored(String(describing: error))
        }
        return Content(sha256: Array(SHA256.hash(data: bytes)), size: Int64(bytes.count))
    }

    private func download(_ url: String, _ kind: MediaKind, _ limit: Int64, to temporary: String) async throws
        -> Content
    {
        var request = FetchRequest(url: url)
        request.timeout = Self.timeout
        request.redirects = Self.redirects
        request.addressGuard = AddressGuard(allow: allowedHosts, ports: [80, 443, 8080, 8443])
        let download: FetchDownload
        do throws(FetchError) {
            download = try await fetch.download(request, to: temporary, limit: limit)
        } catch {
            throw Self.rejected(error, kind, limit)
        }
        guard download.isSuccess else {
            throw GatewayError.mediaRejected("the address answered HTTP \(download.status)")
        }
        return Content(sha256: download.sha256, size: download.size)
    }

    private static func rejected(_ error: FetchError, _ kind: MediaKind, _ limit: Int64) -> GatewayError {
        switch error {
        case .invalidURL:
            GatewayError(.invalid, "`mediaUrl` must be an http or https address", data: ["field": "mediaUrl"])
        case .addressNotAllowed:
            GatewayError(.mediaRejected, "address not allowed", data: ["field": "mediaUrl"])
        case .couldNotResolve: .mediaRejected("the address's host can't be resolved")
        case .couldNotConnect, .tls: .mediaRejected("the address's host can't be connected to")
        case .timedOut: .mediaRejected("the address did not answer in time")
        case .tooLarge: .mediaTooLarge(kind, limit)
        case .tooManyRedirects: .mediaRejected("the address redirects too often")
        case .connectionLost, .other: .mediaRejected("the address gave no whole answer")
        case .fileSystem(let problem): .mediaNotStored(problem)
        case .cancelled: GatewayError(.unavailable, "the request was cancelled before it was done; try again")
        }
    }
}
