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
    /// What every file has to pass before it is stored; nil for none.
    let scanner: VirusScanner?
    let clock: Clock
    let converter: MediaConverter
    package let withdrawals = MediaWithdrawals()
    private let sniffer: TypeSniffer
    /// For what is still being received, on the local disk whatever the storage.
    private let incoming: IncomingFolder
    let threads: BlockingThreads
    /// To unpack a document takes a moment, for which nothing else should have to wait.
    private let inspectors: BlockingThreads
    private let space: DiskSpace

    /// - Parameters:
    ///   - directory: of files being received and, without object storage, of the stored ones.
    ///   - fetch: the way to object storage.
    ///   - minFree: bytes that must stay free on the disk.
    ///   - scanner: what every file has to pass; nil for none.
    ///   - programs: that make other forms of files.
    init(
        directory: String, objectStorage: S3Settings?, fetch: FetchClient, minFree: Int64, database: Database,
        rules: MediaRules, scanner: VirusScanner?, programs: MediaPrograms, clock: Clock
    ) throws {
        self.database = database
        self.rules = rules
        self.scanner = scanner
        converter = MediaConverter(programs: programs)
        self.clock = clock
        sniffer = try TypeSniffer()
        threads = BlockingThreads(name: "media", count: 4)
        inspectors = BlockingThreads(name: "inspect", count: 2)
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

    /// - Parameter name: of a file that was stored, or of a form that was made of one; anything else, and anything that
    ///   could be a path, is nil.
    package func open(name: String) async throws(GatewayError) -> StoredFile? {
        guard MediaName.isValid(name) else { return nil }
        do {
            let row = try await database.read { session in
                guard let (form, source) = Rendition.parse(name) else { return try MediaTable.find(name, session) }
                guard case .ready(let row)? = try RenditionTable.find(form, of: source, session) else { return nil }
                return row
            }
            return row.map { StoredFile($0, content: storage.content(of: name)) }
        } catch {
            throw GatewayError(wrapping: error)
        }
    }

    /// A place to write a file to before it is known to be good.
    func temporaryPath() -> String { "\(incoming.path)/\(MediaName.random())" }

    /// The type of a finished temporary file, by its bytes.
    func type(of temporary: String) async throws -> String {
        try await inspectors.run { [sniffer] in
            try FileInspection.type(ofFileAt: temporary, sniffed: sniffer.type(ofFileAt: temporary))
        }
    }

    /// Checks a finished temporary file and takes it into the storage under a new name. The file is gone afterwards
    /// from where it was, also when it was refused. Its row is committed before its bytes are stored, so that no crash
    /// leaves a file that nobody knows of: one that no message comes to point to is the purge's.
    /// - Parameters:
    ///   - isSending: for WhatsApp; what browsers record then becomes a voice message.
    ///   - fits: scales a picture down that is too large to be sent.
    func adopt(
        _ temporary: String, kind: MediaKind, sha256: [UInt8], size: Int64, originalName: String?, account: AccountID,
        isSending: Bool, fits: Bool = false
    ) async throws -> MediaTable.Row {
        defer { discard(temporary) }
        guard size > 0 else {
            throw MediaRules.Refusal(
                reason: "the file is empty", found: "nothing", allowed: rules.allowed(as: kind, isSending: isSending))
        }
        var finished = FinishedFile(
            facts: FileFacts(size: size, sha256: sha256.hexadecimal), originalName: originalName)
        if isSending { try await makeSendable(temporary, &finished, kind, fits: fits) }
        let (type, suffix) = try await check(temporary, finished.facts.size, kind, isSending: isSending)
        let name = "\(MediaName.random()).\(suffix)"
        let row = MediaTable.Row(
            name: name, account: account, sha256: finished.facts.sha256, mimeType: type, size: finished.facts.size,
            originalName: finished.originalName.map { FileName.clean($0, suffix: suffix) }, createdAt: clock.now(),
            isRecording: finished.isRecording)
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
        _ temporary: String, _ size: Int64, _ kind: MediaKind, isSending: Bool
    ) async throws -> (type: String, suffix: String) {
        let limit = rules.limit(of: kind, isSending: isSending)
        guard size <= limit else {
            throw MediaRules.Refusal(
                reason: MediaRules.tooLarge(kind, limit), found: "\(size) bytes", allowed: ["\(limit) bytes"])
        }
        let accepted = try rules.check(try await type(of: temporary), as: kind, isSending: isSending)
        try await inspect(temporary, accepted.type, kind, isSending: isSending)
        try await scanner?.scan(temporary)
        return accepted
    }

    private func inspect(_ temporary: String, _ type: String, _ kind: MediaKind, isSending: Bool) async throws {
        do {
            try await inspectors.run { try FileInspection.check(temporary, type: type) }
        } catch let malformed as Malformed {
            let found = "\(type), but \(malformed.problem)"
            throw MediaRules.Refusal(
                reason: "the file is \(found)", found: found, allowed: rules.allowed(as: kind, isSending: isSending))
        }
    }

    /// Gives a file the form that WhatsApp takes, where it has another that we know of.
    private func makeSendable(
        _ temporary: String, _ file: inout FinishedFile, _ kind: MediaKind, fits: Bool
    ) async throws {
        let found = try await type(of: temporary)
        let limit = rules.limit(of: kind, isSending: true)
        guard let form = SendableForm(found, size: file.facts.size, as: kind, fits: fits, limit: limit) else { return }
        try await inspect(temporary, found, kind, isSending: true)
        try await scanner?.scan(temporary)
        try await converter.make(form, of: temporary, found: found, limit: limit)
        file.facts = try await facts(of: temporary)
        file.originalName = file.originalName.map(FileName.withoutExtension)
        file.isRecording = form.isRecording
    }

    /// Removes a file that no message points to, and then its row; what can't be removed now is left to the purge.
    func forget(name: String) async {
        do {
            try await remove(name: name)
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

    /// Removes a file's bytes, and what was made of them.
    func remove(name: String) async throws {
        for form in Rendition.names(of: name) { try await storage.remove(form) }
        try await storage.remove(name)
    }

    /// Of a finished temporary file.
    func facts(of path: String) async throws -> FileFacts { try await threads.run { try FileFacts(of: path) } }

    /// A temporary file that stays is removed at a later start.
    func discard(_ temporary: String) { unlink(temporary) }

    /// Whether another file can be taken just now: there is room on the disk, and the scanner answers.
    /// - Throws: `.unavailable`
    func checkIntake() async throws {
        try await space.check()
        try await scanner?.check()
    }

    /// Whether files can be received and stored.
    package func checkWritable() async throws {
        try await space.check()
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
