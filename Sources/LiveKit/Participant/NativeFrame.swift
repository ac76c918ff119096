import Glibc

/// What the gateway and the process that has the library say to each other over pipes: a length of four bytes, a kind, an
/// id of eight bytes, and the rest.
struct NativeFrame: Sendable {
    enum Kind: UInt8, Sendable {
        /// The first one: the library is there, or in words why it is not.
        case hello
        /// A request to the library, and its id.
        case request
        /// A handle to drop, as the id.
        case drop
        /// The library took the request of this id, or did not.
        case taken, refused
        /// The library tells something.
        case event
    }

    let kind: Kind
    var id: UInt64 = 0
    var content: [UInt8] = []

    private static let head = 9
    /// Far above anything that is said.
    private static let longest = 64 << 20

    var bytes: [UInt8] {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(4 + Self.head + content.count)
        for shift in 0..<4 { bytes.append(UInt8(truncatingIfNeeded: (Self.head + content.count) >> (shift * 8))) }
        bytes.append(kind.rawValue)
        for shift in 0..<8 { bytes.append(UInt8(truncatingIfNeeded: id >> UInt64(shift * 8))) }
        return bytes + content
    }

    /// Blocks until there is one.
    /// - Returns: nil at the end, and for what is no frame.
    static func read(from pipe: Int32) -> NativeFrame? {
        guard let size = read(4, from: pipe) else { return nil }
        let length = size.reversed().reduce(0) { $0 << 8 | Int($1) }
        guard length >= head, length <= longest, let body = read(length, from: pipe), let kind = Kind(rawValue: body[0])
        else { return nil }
        let id = body[1..<head].reversed().reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
        return NativeFrame(kind: kind, id: id, content: Array(body[head...]))
    }

    private static func read(_ count: Int, from pipe: Int32) -> [UInt8]? {
        var bytes = [UInt8](repeating: 0, count: count)
        var done = 0
        while done < count {
            let read = bytes.withUnsafeMutableBytes { Glibc.read(pipe, $0.baseAddress! + done, count - done) }
            if read < 0, errno == EINTR { continue }
            guard read > 0 else { return nil }
            done += read
        }
        return bytes
    }

    /// Blocks while the pipe is full.
    /// - Returns: false when nobody reads it any more.
    func write(to pipe: Int32) -> Bool {
        let bytes = bytes
        var done = 0
        while done < bytes.count {
            let written = bytes.withUnsafeBytes { Glibc.write(pipe, $0.baseAddress! + done, bytes.count - done) }
            if written < 0, errno == EINTR { continue }
            guard written > 0 else { return false }
            done += written
        }
        return true
    }
}
