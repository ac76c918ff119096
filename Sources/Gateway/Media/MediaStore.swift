import Foundation
import SQL
import Synchronization
import WhatsApp

/// One file as it is served.
package struct StoredFile: Sendable {
    package let path: String
    package let size: Int64
    package let mimeType: String
    package let downloadName: String?
    /// Whether a browser may show it in place; everything else is a download.
    package let inline: Bool
    /// Strong: the content's hash, with quotes.
    package let etag: String
    package let createdAt: Milliseconds
}

/// The folder `uploads/whatsapp`. A file gets its name when it is whole, checked and on disk.
package struct MediaStore: Sendable {
    let database: Database
    let sniffer: TypeSniffer
    let rules: MediaRules
    private let folder: String
    private let incoming: String
    let clock: Clock

    /// Types that a browser shows without running anything.
    private static let shown: Set<String> = [
        "image/jpeg", "image/png", "image/gif", "image/webp", "video/mp4", "video/3gpp", "audio/aac", "audio/mp4",
        "audio/mpeg", "audio/amr", "audio/ogg",
    ]

    init(directory: String, database: Database, rules: MediaRules, clock: Clock) throws {
        self.database = database
        self.rules = rules
        self.clock = clock
        sniffer = try TypeSniffer()
        folder = directory + "/whatsapp"
        incoming = directory + "/.incoming"
        for path in [folder, incoming] {
            try FileManager.default.createDirectory(
                atPath: path, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o750])
        }
        try removeAbandoned()
    }

    /// Where messages point to.
    static func path(of name: String) -> String { "/uploads/whatsapp/\(name)" }

    static func name(fromPath path: String) -> String? {
        let prefix = "/uploads/whatsapp/"
        guard path.hasPrefix(prefix) else { return nil }
        let name = String(path.dropFirst(prefix.count))
        return isName(name) ? name : nil
    }

    /// - Parameter name: of a file that was stored; anything else, and anything that could be a path, is nil.
    package func open(name: String) async throws(GatewayError) -> StoredFile? {
        guard Self.isName(name) else { return nil }
        do {
            guard let row = try await database.read({ session in try MediaTable.find(name, session) }) else {
                return nil
            }
            return StoredFile(
                path: path(name), size: row.size, mimeType: row.mimeType, downloadName: row.originalName,
                inline: Self.shown.contains(row.mimeType), etag: "\"\(row.sha256)\"", createdAt: row.createdAt)
        } catch {
            throw GatewayError(wrapping: error)
        }
    }

    func path(_ name: String) -> String { "\(folder)/\(name)" }

    /// A place to write a file to before it is known to be good.
    func temporaryPath() -> String { "\(incoming)/\(Self.random())" }

    /// Checks a finished temporary file and takes it into the store under a new name. The file is gone afterwards
    /// from where it was, also when it was refused.
    func adopt(
        _ temporary: String, kind: MediaKind, sha256: [UInt8], size: Int64, originalName: String?, account: AccountID,
        isSending: Bool
    ) throws -> MediaTable.Row {
        defer { Self.remove(temporary) }
        guard size > 0 else { throw MediaRules.Refusal(reason: "the file is empty", found: "nothing", allowed: []) }
        let (type, suffix) = try rules.check(
            sniffer.type(ofFileAt: temporary), as: kind, isSending: isSending)
        let name = "\(Self.random()).\(suffix)"
        try Self.settle(temporary, at: path(name), folder: folder)
        return MediaTable.Row(
            name: name, account: account, sha256: sha256.hexadecimal, mimeType: type, size: size,
            originalName: originalName.map { FileName.clean($0, suffix: suffix) }, createdAt: clock.now())
    }

    func remove(name: String) { Self.remove(path(name)) }

    static func remove(_ path: String) { unlink(path) }

    /// Whether the folder takes files.
    package func checkWritable() throws {
        let path = temporaryPath()
        guard FileManager.default.createFile(atPath: path, contents: Data([0])) else {
            throw GatewayError(.unavailable, "the uploads folder can't be written to")
        }
        Self.remove(path)
    }

    /// 128 random bits in hexadecimal.
    private static func random() -> String {
        var generator = SystemRandomNumberGenerator()
        return [generator.next() as UInt64, generator.next()].map {
            let text = String($0, radix: 16)
            return String(repeating: "0", count: 16 - text.count) + text
        }.joined()
    }

    private static func isName(_ name: String) -> Bool {
        !name.isEmpty && name.utf8.count <= 100 && !name.hasPrefix(".")
            && name.utf8.allSatisfy { byte in
                (48...57).contains(byte) || (97...122).contains(byte) || byte == UInt8(ascii: ".")
            }
    }

    /// On disk before the name is: a crash leaves the whole file or none under it.
    private static func settle(_ temporary: String, at path: String, folder: String) throws {
        for (name, flags) in [(temporary, O_RDONLY), (folder, O_RDONLY | O_DIRECTORY)] {
            if name == folder, rename(temporary, path) != 0 { throw FileError(errno, "rename") }
            let file = Foundation.open(name, flags)
            guard file >= 0 else { throw FileError(errno, "open") }
            defer { close(file) }
            guard fsync(file) == 0 else { throw FileError(errno, "fsync") }
        }
        chmod(path, 0o640)
    }

    /// What a crash left half-written; a younger file may be another gateway's work in hand.
    private func removeAbandoned() throws {
        let limit = Date(timeIntervalSinceNow: -3600)
        for name in try FileManager.default.contentsOfDirectory(atPath: incoming) {
            let path = "\(incoming)/\(name)"
            let attributes = try FileManager.default.attributesOfItem(atPath: path)
            if let time = attributes[.modificationDate] as? Date, time < limit { Self.remove(path) }
        }
    }
}

/// The system refused to write a file, as when the disk is full.
struct FileError: Error, CustomStringConvertible {
    let description: String

    init(_ code: Int32, _ call: String) { description = "\(call): \(String(cString: strerror(code)))" }
}
