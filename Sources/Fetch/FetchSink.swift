/// Takes an answer's body: in memory, or, when there is a file and the status is 2xx, in the file.
struct FetchSink: Sendable {
    enum Verdict {
        case more
        /// All that is wanted has come; the rest need not.
        case enough
        case failed(FetchError)
    }

    static let errorBodyLimit = 64 << 10

    private(set) var body: [UInt8] = []
    private let limit: Int64
    private let file: DownloadFile?

    /// The whole body in memory.
    init(limit: Int) {
        self.limit = Int64(limit)
        file = nil
    }

    init(file: DownloadFile, limit: Int64) {
        self.limit = limit
        self.file = file
    }

    /// Refuses a body that is announced as too long before any of it is read.
    func refusal(status: Int, announced: Int64?) -> FetchError? {
        guard (200..<300).contains(status), let announced, announced > limit else { return nil }
        return .tooLarge(limit: limit)
    }

    mutating func take(_ bytes: UnsafeRawBufferPointer, status: Int) -> Verdict {
        guard let file else {
            guard Int64(body.count) + Int64(bytes.count) <= limit else { return .failed(.tooLarge(limit: limit)) }
            body.append(contentsOf: bytes)
            return .more
        }
        guard (200..<300).contains(status) else {
            body.append(contentsOf: bytes.prefix(Self.errorBodyLimit - body.count))
            return body.count < Self.errorBodyLimit ? .more : .enough
        }
        guard file.size + Int64(bytes.count) <= limit else { return .failed(.tooLarge(limit: limit)) }
        do throws(FetchError) {
            try file.write(bytes)
            return .more
        } catch {
            return .failed(error)
        }
    }
}
