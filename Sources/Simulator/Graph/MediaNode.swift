import JSON

/// Upload, information and removal of media.
struct MediaNode: Sendable {
    let core: SimulatorCore

    func upload(_ call: Call) async throws(GraphError) -> Reply {
        guard let form = MultipartForm(contentType: call.headers[.contentType], body: call.body) else {
            throw GraphError(code: 100, title: "The parameter messaging_product is required.")
        }
        guard form.text("messaging_product") == "whatsapp" else {
            throw GraphError(code: 100, title: "The parameter messaging_product is required.")
        }
        guard let file = form["file"], file.fileName != nil else {
            throw GraphError(code: 100, title: "The parameter file is required.")
        }
        let mimeType = file.contentType ?? form.text("type") ?? "application/octet-stream"
        guard let limit = MediaTypes.limit(of: mimeType) else { throw refused(mimeType) }
        let bytes = Array(file.body)
        guard MediaTypes.matches(bytes, mimeType), !bytes.isEmpty else { throw refused("application/octet-stream") }
        guard bytes.count <= limit else {
            throw GraphError(
                code: 131053, details: "Media file size too big. Max file size we currently support: \(limit) bytes.")
        }
        let entry = try await store(bytes, mimeType, file.fileName)
        return .json(["id": .string(entry.id)])
    }

    func info(_ id: String, _ call: Call) async throws(GraphError) -> Reply {
        guard let entry = core.shelf.entry(id) else { throw .noSuchObject(id, method: "GET") }
        if let number = call.query["phone_number_id"], number != core.settings.phoneNumberID {
            throw .noSuchObject(id, method: "GET")
        }
        return .json([
            "messaging_product": "whatsapp",
            "url": .string(Self.url(of: entry, core: core)),
            "mime_type": .string(entry.mimeType),
            "sha256": .string(entry.sha256Hex),
            "file_size": .int(entry.size),
            "id": .string(entry.id),
        ])
    }

    func delete(_ id: String) async throws(GraphError) -> Reply {
        guard core.shelf.remove(id) else { throw .noSuchObject(id, method: "DELETE") }
        return .json(["success": true])
    }

    /// A fresh address, good for the settings' lifetime.
    static func url(of entry: MediaEntry, core: SimulatorCore) -> String {
        let link = MediaLink(secret: core.settings.appSecret, lifetime: core.settings.mediaURLLifetime)
        return core.baseURL + "/media-host/whatsapp_business/attachments/?"
            + link.query(for: entry.id, now: Moment.now / 1000)
    }

    private func store(_ bytes: [UInt8], _ mimeType: String, _ name: String?) async throws(GraphError) -> MediaEntry {
        do {
            return try await core.shelf.add(bytes, mimeType: mimeType, fileName: name)
        } catch {
            core.logger.error("media not stored", metadata: ["error": "\(error)"])
            throw GraphError(code: 131000)
        }
    }

    private func refused(_ mimeType: String) -> GraphError {
        GraphError(
            code: 100,
            title: "Param file must be a file with one of the following types: "
                + MediaTypes.accepted.joined(separator: ", ") + ". Received file of type '\(mimeType)'.")
    }
}
