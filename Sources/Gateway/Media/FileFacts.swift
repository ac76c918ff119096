import Crypto

/// What a finished temporary file is.
struct FileFacts: Sendable {
    let size: Int64
    /// In hexadecimal.
    let sha256: String

    init(size: Int64, sha256: String) {
        self.size = size
        self.sha256 = sha256
    }

    /// Blocks: see ``BlockingThreads``.
    init(of path: String) throws {
        size = try LocalFile.size(path)
        sha256 = try LocalFile.sha256(path, 0..<size).hexadecimal
    }
}

/// A temporary file on its way into the store.
struct FinishedFile: Sendable {
    var facts: FileFacts
    var originalName: String?
    /// Whether it was made of what a browser recorded.
    var isRecording = false
}
