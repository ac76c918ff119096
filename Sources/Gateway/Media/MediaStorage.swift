/// Where the bytes of stored files live. A name is unguessable and given once; bytes never change under it.
protocol MediaStorage: Sendable {
    /// Takes a finished temporary file under a name. When this returns the file is whole and durable; after an error
    /// there may be none or one. The temporary file may be gone afterwards.
    func put(_ temporary: String, name: String, type: String) async throws

    /// The way to the bytes, without looking whether they are there.
    func content(of name: String) -> StoredContent

    /// A path to read the whole file from: its own, or that of a copy made at `temporary`.
    func localFile(of name: String, orAt temporary: String) async throws -> String

    /// Also what a `put` that was cut off left of one. A file that is not there is no error.
    func remove(_ name: String) async throws

    /// Whether files can be stored and removed.
    /// - Throws: `GatewayError` in words fit for an operator.
    func check() async throws
}

/// How a server gets at the bytes of a file.
package enum StoredContent: Sendable {
    /// A file of this machine, to be opened, or handed to the kernel or a proxy by its path.
    case file(path: String)
    /// Bytes that are asked for a part at a time.
    case remote(MediaReader)
}

/// Reads parts of a file that lies elsewhere.
package struct MediaReader: Sendable {
    /// The most bytes of one `read`: what a download holds in memory.
    package static let part: Int64 = 1 << 20

    private let fetch: @Sendable (Range<Int64>) async throws -> [UInt8]

    package init(_ fetch: @escaping @Sendable (Range<Int64>) async throws -> [UInt8]) { self.fetch = fetch }

    /// The bytes of `range`, of at most ``part``; all of them.
    /// - Throws: `GatewayError`: `.notFound` when the file is gone, `.unavailable` when it can't be read just now.
    package func read(_ range: Range<Int64>) async throws -> [UInt8] {
        precondition(Int64(range.count) <= Self.part)
        return range.isEmpty ? [] : try await fetch(range)
    }
}
