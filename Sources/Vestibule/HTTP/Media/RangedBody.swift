import NIOCore

/// The body of an answer as pieces to be sent one after the other: one stretch of the file, or several in the form
/// `multipart/byteranges` (RFC 9110, §14.6), laid out byte for byte as nginx does.
struct RangedBody: Sendable {
    enum Piece: Sendable {
        case text(String)
        case content(Range<Int64>)
    }

    let pieces: [Piece]
    let length: Int64
    /// The part of the file that is sent first.
    let start: Range<Int64>
    /// What the answer is in place of the file's own type, where it has several parts.
    let multipartType: String?

    init(_ part: Range<Int64>) {
        self.init([.content(part)], start: part, multipartType: nil)
    }

    private init(_ pieces: [Piece], start: Range<Int64>, multipartType: String?) {
        self.pieces = pieces
        self.start = start
        self.multipartType = multipartType
        length = pieces.reduce(0) { length, piece in
            switch piece {
            case .text(let text): length + Int64(text.utf8.count)
            case .content(let range): length + range.upperBound - range.lowerBound
            }
        }
    }

    /// - Parameter size: of the whole file.
    init(parts: [Range<Int64>], of size: Int64, type: String) {
        guard parts.count > 1 else {
            self.init(parts[0])
            return
        }
        let boundary = Self.boundary()
        var pieces: [Piece] = []
        for part in parts {
            let range = "bytes \(part.lowerBound)-\(part.upperBound - 1)/\(size)"
            pieces.append(.text("\r\n--\(boundary)\r\nContent-Type: \(type)\r\nContent-Range: \(range)\r\n\r\n"))
            pieces.append(.content(part))
        }
        pieces.append(.text("\r\n--\(boundary)--\r\n"))
        self.init(pieces, start: parts[0], multipartType: "multipart/byteranges; boundary=\(boundary)")
    }

    /// Twenty digits that no file's author can foresee.
    private static func boundary() -> String {
        String((0..<20).map { _ in Character(Unicode.Scalar(UInt8(ascii: "0") + .random(in: 0...9))) })
    }
}
