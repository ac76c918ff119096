/// The head of the answer in hand. Interim answers (1xx) and those of redirects are replaced by the next; trailers
/// after the body are passed over.
struct FetchHead {
    enum Progress { case more, complete, overlong }

    /// Bytes of all heads and trailers of one request together.
    static let limit = 256 << 10

    private(set) var status = 0
    private(set) var headers = FetchHeaders()
    private var isComplete = false
    private var size = 0

    var contentLength: Int64? { headers.first("Content-Length").flatMap { Int64($0) } }

    /// The request goes out, perhaps again after a redirect.
    mutating func expectAnswer() { isComplete = false }

    mutating func take(_ line: UnsafeRawBufferPointer) -> Progress {
        size += line.count
        guard size <= Self.limit else { return .overlong }
        guard !isComplete else { return .more }
        if line.starts(with: "HTTP/".utf8) {
            status = Self.status(of: line)
            headers = FetchHeaders()
        } else if line.allSatisfy({ $0 == 0x0D || $0 == 0x0A }) {
            isComplete = status >= 200
            return isComplete ? .complete : .more
        } else {
            headers.append(line: line)
        }
        return .more
    }

    /// The number after the first space of `HTTP/1.1 200 OK`; 0 when there is none.
    private static func status(of line: UnsafeRawBufferPointer) -> Int {
        let digits = line.drop { $0 != 0x20 }.drop { $0 == 0x20 }.prefix { (0x30...0x39).contains($0) }
        return digits.count == 3 ? digits.reduce(0) { $0 * 10 + Int($1 - 0x30) } : 0
    }
}
