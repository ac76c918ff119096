import Foundation

/// One command to clamd, over a connection of its own. Its calls block: see ``BlockingThreads``.
struct ClamdSession: ~Copyable {
    private let file: Int32
    private let limit: CallLimit

    private static let answerLimit = 4096
    private static let chunk = 64 << 10

    /// Something is wrong with the scanner, or with the way to it.
    struct Failure: Error {
        let reason: String
    }

    /// - Throws: `Failure`, `CallLimit.End`
    init(_ address: ClamdAddress, _ limit: CallLimit) throws {
        self.limit = limit
        switch address {
        case .unix(let path): file = try Self.connect(path: path, limit)
        case .tcp(let host, let port): file = try Self.connect(host: host, port: port, limit)
        }
    }

    deinit { close(file) }

    /// - Parameter command: as `PING`.
    /// - Returns: the answer without its end.
    func ask(_ command: String) throws -> String {
        _ = try send(Array("z\(command)\0".utf8), listening: false)
        return try answer()
    }

    /// Sends the bytes and reads the verdict on them, which counts only when all of them were taken.
    func scan(_ source: borrowing FileBytes) throws -> String {
        var isTaken = try send(Array("zINSTREAM\0".utf8), listening: true)
        while isTaken, let piece = try source.next(Self.chunk) {
            isTaken = try send(Self.length(piece.count) + piece, listening: true)
        }
        if isTaken { isTaken = try send(Self.length(0), listening: false) }
        let verdict = try answer()
        guard isTaken || verdict.hasSuffix(" ERROR") else {
            throw Failure(reason: "it answered before it had all of the file")
        }
        return verdict
    }

    private static func length(_ count: Int) -> [UInt8] {
        withUnsafeBytes(of: UInt32(count).bigEndian) { Array($0) }
    }

    /// - Parameter listening: whether an answer ends it.
    /// - Returns: false when clamd has something to say, or does not listen any more.
    private func send(_ bytes: [UInt8], listening: Bool) throws -> Bool {
        var rest = bytes[...]
        while !rest.isEmpty {
            let state = try limit.wait(for: Int32(POLLOUT) | (listening ? Int32(POLLIN) : 0), on: file)
            if listening, state & Int32(POLLIN) != 0 { return false }
            let count = rest.withUnsafeBytes {
                Glibc.send(file, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL) | Int32(MSG_DONTWAIT))
            }
            if count < 0 {
                if errno == EAGAIN || errno == EINTR { continue }
                // What it said before it closed the connection may still be read.
                return false
            }
            rest = rest.dropFirst(count)
        }
        return true
    }

    private func answer() throws -> String {
        var bytes: [UInt8] = []
        var piece = [UInt8](repeating: 0, count: 1024)
        while bytes.count < Self.answerLimit {
            _ = try limit.wait(for: Int32(POLLIN), on: file)
            let count = recv(file, &piece, piece.count, Int32(MSG_DONTWAIT))
            if count < 0, errno == EAGAIN || errno == EINTR { continue }
            guard count > 0 else { throw Failure(reason: "it ended the connection without a whole answer") }
            bytes += piece[..<count]
            if let end = bytes.firstIndex(of: 0) { return String(decoding: bytes[..<end], as: UTF8.self) }
        }
        throw Failure(reason: "its answer has no end")
    }
}

extension ClamdSession {
    private static func connect(path: String, _ limit: CallLimit) throws -> Int32 {
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        let bytes = Array(path.utf8)
        let fits = withUnsafeMutableBytes(of: &address.sun_path) { field in
            // The last byte stays 0.
            guard bytes.count < field.count else { return false }
            field.copyBytes(from: bytes)
            return true
        }
        guard fits else { throw Failure(reason: "the path of its socket is too long") }
        return try withUnsafePointer(to: &address) { pointer in
            try pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                try connect(AF_UNIX, $0, socklen_t(MemoryLayout<sockaddr_un>.size), limit)
            }
        }
    }

    private static func connect(host: String, port: Int, _ limit: CallLimit) throws -> Int32 {
        var hints = addrinfo()
        hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
        var list: UnsafeMutablePointer<addrinfo>?
        let code = getaddrinfo(host, String(port), &hints, &list)
        guard code == 0, let list else { throw Failure(reason: "its host can't be resolved") }
        defer { freeaddrinfo(list) }
        var problem = Failure(reason: "its host has no address")
        for entry in sequence(first: list, next: { $0.pointee.ai_next }) {
            do {
                return try connect(entry.pointee.ai_family, entry.pointee.ai_addr, entry.pointee.ai_addrlen, limit)
            } catch let failure as Failure {
                problem = failure
            }
        }
        throw problem
    }

    private static func connect(
        _ family: Int32, _ address: UnsafePointer<sockaddr>, _ size: socklen_t, _ limit: CallLimit
    ) throws -> Int32 {
        let kind = Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue | SOCK_NONBLOCK.rawValue)
        let file = socket(family, kind, 0)
        guard file >= 0 else { throw FileError(errno, "socket") }
        do {
            if Glibc.connect(file, address, size) != 0 {
                guard errno == EINPROGRESS else { throw unreachable(errno) }
                _ = try limit.wait(for: Int32(POLLOUT), on: file)
                var code: Int32 = 0
                var length = socklen_t(MemoryLayout<Int32>.size)
                getsockopt(file, SOL_SOCKET, SO_ERROR, &code, &length)
                guard code == 0 else { throw unreachable(code) }
            }
            return file
        } catch {
            close(file)
            throw error
        }
    }

    private static func unreachable(_ code: Int32) -> Failure {
        Failure(reason: "it can't be connected to: \(String(cString: strerror(code)))")
    }
}
