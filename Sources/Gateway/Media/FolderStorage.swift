import Foundation

/// Files in a local folder. Several gateways need it shared.
struct FolderStorage: MediaStorage {
    let folder: String
    let threads: BlockingThreads

    /// Makes the folder where it is missing.
    init(folder: String, threads: BlockingThreads) throws {
        self.folder = folder
        self.threads = threads
        try LocalFile.makeFolder(folder)
    }

    func path(_ name: String) -> String { "\(folder)/\(name)" }

    /// On disk before the name is: a crash leaves the whole file or none under it.
    func put(_ temporary: String, name: String, type: String) async throws {
        let path = path(name)
        try await threads.run { [folder] in
            chmod(temporary, 0o640)
            try LocalFile.sync(temporary)
            guard rename(temporary, path) == 0 else { throw FileError(errno, "rename") }
            try LocalFile.sync(folder)
        }
    }

    func content(of name: String) -> StoredContent { .file(path: path(name)) }

    func localFile(of name: String, orAt temporary: String) async throws -> String { path(name) }

    func remove(_ name: String) async throws {
        let path = path(name)
        try await threads.run { try LocalFile.remove(path) }
    }

    func check() async throws {
        let path = path(".check-\(MediaName.random())")
        try await threads.run {
            guard FileManager.default.createFile(atPath: path, contents: Data([0])) else {
                throw GatewayError(.unavailable, "the uploads folder can't be written to")
            }
            try LocalFile.remove(path)
        }
    }
}
