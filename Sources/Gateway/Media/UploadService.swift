import WhatsApp

/// Takes files that callers send, to be named in sends later. One that no message comes to name within a day is removed.
package struct UploadService: Sendable {
    let store: MediaStore
    private let places = UploadPlaces()

    init(store: MediaStore) { self.store = store }

    /// The most bytes of any file.
    package static let limit = MediaRules.limit(of: MediaRules.largestKind)

    /// A file to write to.
    /// - Throws: `.unavailable` when too many are being written, or the disk is full.
    package func begin() async throws(GatewayError) -> CallerFile {
        do {
            try await store.checkIntake()
            guard places.take() else {
                throw GatewayError(.unavailable, "too many files are coming in at once; try again")
            }
            do {
                return try await CallerFile(
                    path: store.temporaryPath(), rules: store.rules, threads: store.threads, places: places)
            } catch {
                places.giveBack()
                throw GatewayError.mediaNotStored(String(describing: error))
            }
        } catch {
            throw GatewayError(wrapping: error)
        }
    }

    /// Checks the file as one that goes out, and stores it.
    /// - Parameters:
    ///   - kind: what it is to be sent as; nil for whatever its bytes fit.
    ///   - fits: whether a picture that is too large is to be scaled down.
    /// - Throws: `.mediaRejected` with what was found and what is allowed.
    package func finish(
        _ file: CallerFile, as kind: MediaKind?, fits: Bool, fileName: String?, account: AccountID = .default
    ) async throws(GatewayError) -> UploadedMedia {
        do {
            let kind = if let kind { kind } else { try await fittingKind(file) }
            let limit = SendableForm.limit(of: kind, fits: fits, store.rules)
            guard file.size <= limit else { throw GatewayError.mediaTooLarge(kind, limit) }
            let row = try await store.adopt(
                file.path, kind: kind, sha256: file.sha256, size: file.size, originalName: fileName, account: account,
                isSending: true, fits: fits)
            return UploadedMedia(
                path: MediaName.path(of: row.name), kind: kind, isVoice: row.isRecording, mimeType: row.mimeType,
                size: row.size, fileName: row.originalName)
        } catch let refusal as MediaRules.Refusal {
            throw .mediaRejected(refusal)
        } catch let error as FileError {
            throw .mediaNotStored(error.description)
        } catch {
            throw GatewayError(wrapping: error)
        }
    }

    private func fittingKind(_ file: CallerFile) async throws -> MediaKind {
        guard file.size > 0 else { return .document }
        return try store.rules.kind(of: try await store.type(of: file.path))
    }
}

/// A file that can be sent.
package struct UploadedMedia: Sendable {
    /// The `mediaUrl` to send it by.
    package let path: String
    package let kind: MediaKind
    /// Whether it is best sent as a voice message: it was made of a recording.
    package let isVoice: Bool
    package let mimeType: String
    package let size: Int64
    package let fileName: String?
}

extension MediaRules {
    static let largestKind = MediaKind.document

    /// What a file of this type goes out as.
    /// - Throws: `Refusal` that names all that is allowed.
    func kind(of found: String) throws(Refusal) -> MediaKind {
        var allowed: Set<String> = []
        for kind in [MediaKind.image, .sticker, .video, .audio, .document] {
            do throws(Refusal) {
                _ = try check(found, as: kind, isSending: true)
                return kind
            } catch {
                allowed.formUnion(error.allowed)
            }
        }
        throw Refusal(reason: "the file is \(found), which is not allowed", found: found, allowed: allowed.sorted())
    }
}
