import Fetch
import Foundation
import SQL
import WhatsApp

/// The files of messages: their names, their rules and their rows. A file gets its name when it is whole, checked and
/// durable; where its bytes live is the storage's.
package struct MediaStore: Sendable {
    let database: Database
    let rules: MediaRules
    let storage: any MediaStorage
    let clock: Clock
    private let sniffer: TypeSniffer
    /// For what is still being received, on the local disk whatever the storage.
    private let incoming: IncomingFolder
    let threads: BlockingThreads
    private let space: DiskSpace

    /// - Parameters:
    ///   - directory: of files being received and, without object storage, of the stored ones.
    ///   - fetch: the way to object storage.
    ///   - minFree: bytes that must stay free on the disk.
    init(
        directory: String, objectStorage: S3Settings?, fetch: FetchClient, minFree: Int64, database: Database,
        rules: MediaRules, clock: Clock
    ) throws {
        self.database = database
        self.rules = rules
        self.clock = clock
        sniffer = try TypeSniffer()
        threads = BlockingThreads(name: "media", count: 4)
        storage =
            if let objectStorage {
                S3Storage(objectStorage, fetch: fetch, threads: threads)
            } else {
                try FolderStorage(folder: directory + "/whatsapp", threads: threads)
            }
        incoming = try IncomingFolder(in: directory + "/.incoming")
        let folders = objectStorage == nil ? [incoming.path, directory + "/whatsapp"] : [incoming.path]
        space = DiskSpace(folders: folders, floor: minFree, threads: threads)
    }

    /// - Parameter name: of a file that was stored; anything else, and anything that could be a path, is nil.
    package func open(name: String) async throws(GatewayError) -> StoredFile? {
        guard MediaName.isValid(name) else { return nil }
        do {
            return try await database.read { session in try MediaTable.find(name, session) }
                .map { StoredFile($0, content: storage.content(of: name)) }
        } catch {
            throw GatewayError(wrapping: error)
        }
    }

    /// A place to write a file to before it is known to be good.
    func temporaryPath() -> String { "\(incoming.path)/\(MediaName.random())" }

    /// The type of a finished temporary file, by its bytes.
    func type(of temporary: String) async throws -> String {
        try await threads.run { [sniffer] in try sniffer.type(ofFileAt: temporary) }
    }

    /// Checks a finished temporary file and takes it into the storage under a new name. The file is gone afterwards
    /// from where it was, also when it was refused. Its row is committed before its bytes are stored, so that no crash
    /// leaves a file that nobody knows of: one that no message comes to point to is the purge's.
    func adopt(
        _ temporary: String, kind: MediaKind, sha256: [UInt8], size: Int64, originalName: String?, account: AccountID,
        isSending: Bool
    ) async throws -> MediaTable.Row {
        defer { discard(temporary) }
        let (type, suffix) = try await check(temporary, kind: kind, size: size, isSending: isSending)
        let name = "\(MediaName.random()).\(suffix)"
        let row = MediaTable.Row(
            name: name, account: account, sha256: sha256.hexadecimal, mimeType: type, size: size,
            originalName: originalName.map { FileName.clean($0, suffix: suffix) }, createdAt: clock.now())
        try await database.transaction { session in try MediaTable.insert(row, session) }
        do {
            try await storage.put(temporary, name: name, type: type)
        } catch {
            await forget(name: name)
            throw error
        }
        return row
    }

    /// Decides whether a file is taken; all that come in and all that go out pass here, before they have a name.
    /// - Returns: the type and the extension to store it under.
    /// - Throws: `MediaRules.Refusal` for a file that is not taken, now or ever.
    private func check(
        _ temporary: String, kind: MediaKind, size: Int64, isSending: Bool
    ) async throws -> (type: String, suffix: String) {
        guard size > 0 else { throw MediaRules.Refusal(reason: "the file is empty", found: "nothing", allowed: []) }
        let found = try await type(of: temporary)
        return try rules.check(found, as: kind, isSending: isSending)
    }

    /// Removes a file that no message points to, and then its row; what can't be removed now is left to the purge.
    func forget(name: String) async {
        do {
            try await storage.remove(name)
            try await database.transaction { session in try MediaTable.delete(name, session) }
        } catch {
            // As the comment above says: the row leads the purge to it.
        }
    }

    /// Hands out a path to read a stored file from; it holds for as long as the body runs.
    func withFile<Value>(_ name: String, _ body: (String) async throws -> Value) async throws -> Value {
        let temporary = temporaryPath()
        defer { discard(temporary) }
        return try await body(storage.localFile(of: name, orAt: temporary))
    }

    func remove(name: String) async throws { try await storage.remove(name) }

    /// A temporary file that stays is removed at a later start.
    func discard(_ temporary: String) { unlink(temporary) }

    /// Whether there is room for another file.
    /// - Throws: `.unavailable`
    func checkSpace() async throws { try await space.check() }

    /// Whether files can be received and stored.
    package func checkWritable() async throws {
        try await checkSpace()
        let path = temporaryPath()
        try await threads.run {
            guard FileManager.default.createFile(atPath: path, contents: Data([0])) else {
                throw GatewayError(.unavailable, "the uploads folder can't be written to")
            }
            try LocalFile.remove(path)
        }
        try await storage.check()
    }
}
