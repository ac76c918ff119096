import Crypto
import Foundation
import Testing

/// The uploads folder after any number of kills: whole files with a row, and nothing else.
struct CrashUploadsCheck {
    let site: Site
    /// Files that no message points to: fetched, and then killed before the message knew. The purge takes them.
    let unused: Int

    init(_ site: Site, pictures: CrashPictures, ledger: CrashLedger, stored: [CrashStored]) async throws {
        self.site = site
        let rows = try await site.stores.rows("SELECT name, sha256, size FROM media")
        var known: [String: (sha256: String, size: Int64)] = [:]
        for row in rows {
            known[try row.text("name")] = (try row.text("sha256"), try row.integer("size"))
        }
        let folder = site.uploads.appending(path: "whatsapp")
        var found: [String: String] = [:]
        for name in try FileManager.default.contentsOfDirectory(atPath: folder.path) {
            let bytes = try Data(contentsOf: folder.appending(path: name))
            found[name] = Array(SHA256.hash(data: bytes)).hexadecimal
            #expect(known[name]?.sha256 == found[name] && known[name]?.size == Int64(bytes.count), "\(name)")
        }

        let messages = Dictionary(stored.map { ($0.wamid ?? "", $0) }) { first, _ in first }
        var used: Set<String> = []
        for case .message(let id, let picture?) in ledger.facts.values.joined() {
            let message = try #require(messages[id])
            #expect(message.mediaStatus == "ready", "\(id)")
            let name = String(message.mediaURL?.split(separator: "/").last ?? "")
            #expect(found[name] == pictures.all[picture].sha256.hexadecimal, "\(id)")
            used.insert(name)
        }
        unused = found.count - used.count
        #expect(try Self.files(in: site.uploads.appending(path: ".incoming")).isEmpty, "nothing is half-written")
    }

    /// Regular files in a folder and below that hold something.
    private static func files(in folder: URL) throws -> [String] {
        let found = FileManager.default.enumerator(at: folder, includingPropertiesForKeys: [.fileSizeKey])
        return try (found?.allObjects ?? []).compactMap { item in
            guard let file = item as? URL else { return nil }
            let values = try file.resourceValues(forKeys: [.isRegularFileKey, .fileSizeKey])
            return values.isRegularFile == true && values.fileSize ?? 0 > 0 ? file.lastPathComponent : nil
        }
    }
}
