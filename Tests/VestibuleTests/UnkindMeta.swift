import Crypto
import Foundation
import JSON
import Synchronization

/// Meta's Graph API and its media host, over bare sockets. What is wrong with a medium is said by its id, as in
/// `cut-1`: the first answer is wrong, those after it are right.
final class UnkindMeta: Sendable {
    enum Fault: String, CaseIterable {
        /// Taken for an answer, whatever happens.
        case none
        /// The connection stays open, and nothing comes.
        case silent, silentLookup
        /// A byte a second.
        case drip
        /// The connection ends in the middle of the bytes, which were announced in full, or not at all.
        case cut, cutUnmeasured
        case lengthTooSmall, lengthTooLarge, lengthAbsent, lengthTwice
        case chunkedGarbage, chunkedCut
        /// Bytes without end.
        case endless, endlessHead
        /// The right bytes under a wrong type, and a page in place of the bytes.
        case wrongType, page
        case pageForLookup
        case status401, status403, status404, status410, status500
        /// Held for a moment, so that others are on their way at the same time.
        case slow
    }

    private struct State {
        var hits: [String: Int] = [:]
        var downloads = 0
        var peak = 0
    }

    private final class Book: Sendable {
        let state = Mutex(State())
        /// Tells handlers that hold a connection open to let go.
        let isOver = Atomic(false)
    }

    let origin: String
    /// The most connections that were fetching files at one time.
    var peak: Int { book.state.withLock { $0.peak } }
    private let listener: LoopbackListener
    private let book: Book

    /// - Parameter files: the bytes by the part of the id behind the dash; others are the first of them.
    private init(_ files: [String: [UInt8]]) {
        let book = Book()
        self.book = book
        listener = LoopbackListener { connection in
            guard let target = LoopbackListener.target(of: connection),
                let id = target.split(whereSeparator: { "/?".contains($0) }).dropFirst().first.map(String.init)
            else { return }
            let parts = id.split(separator: "-").map(String.init)
            let bytes = files[parts.last ?? ""] ?? files["1"] ?? []
            let isFile = target.hasPrefix("/file")
            let hits = book.state.withLock { state in
                state.hits[target, default: 0] += 1
                return state.hits[target] ?? 0
            }
            let fault = hits == 1 ? parts.first.flatMap(Fault.init) ?? .none : .none
            let answer = Answer(connection: connection, bytes: bytes, isOver: { book.isOver.load(ordering: .relaxed) })
            guard isFile else { return answer.lookup(fault, id) }
            book.state.withLock { state in
                state.downloads += 1
                state.peak = max(state.peak, state.downloads)
            }
            answer.file(parts.first.flatMap(Fault.init) == .endless ? .endless : fault)
            book.state.withLock { $0.downloads -= 1 }
        }
        origin = listener.origin
    }

    static func run(_ files: [String: [UInt8]], _ body: (UnkindMeta) async throws -> Void) async throws {
        let meta = UnkindMeta(files)
        defer {
            meta.book.isOver.store(true, ordering: .relaxed)
            meta.listener.stop()
        }
        try await body(meta)
    }
}

extension UnkindMeta {
    /// One answer on its connection.
    private struct Answer {
        let connection: Int32
        let bytes: [UInt8]
        let isOver: @Sendable () -> Bool

        private static let page = Array("<!DOCTYPE html><html><body>Sorry, something went wrong.</body></html>".utf8)

        func lookup(_ fault: Fault, _ id: String) {
            switch fault {
            case .silentLookup: hold()
            case .pageForLookup: send("200 OK", "text/html", length: Self.page.count, Self.page)
            default:
                var host = sockaddr_in()
                var size = socklen_t(MemoryLayout<sockaddr_in>.size)
                withUnsafeMutablePointer(to: &host) { pointer in
                    _ = pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                        getsockname(connection, $0, &size)
                    }
                }
                let information: JSON = [
                    "url": .string("http://127.0.0.1:\(UInt16(bigEndian: host.sin_port))/file/\(id)"),
                    "sha256": .string(
                        SHA256.hash(data: bytes).map { String($0 >> 4, radix: 16) + String($0 & 15, radix: 16) }
                            .joined()),
                    "file_size": .integer(Int64(bytes.count)), "mime_type": "image/jpeg",
                ]
                let body = information.encoded()
                send("200 OK", "application/json", length: body.count, body)
            }
        }

        func file(_ fault: Fault) {
            let half = bytes.prefix(bytes.count / 2)
            let count = bytes.count
            switch fault {
            case .silent: hold()
            case .drip:
                send("200 OK", "image/jpeg", length: count, [])
                for byte in bytes where !isOver() {
                    guard LoopbackSocket.send([byte], to: connection) else { return }
                    // What makes the host a slow one.
                    Thread.sleep(forTimeInterval: 1)
                }
            case .cut: send("200 OK", "image/jpeg", length: count, half)
            case .cutUnmeasured: send("200 OK", "image/jpeg", length: nil, half)
            case .lengthTooSmall: send("200 OK", "image/jpeg", length: count / 2, bytes)
            case .lengthTooLarge: send("200 OK", "image/jpeg", length: count + 1000, bytes)
            case .lengthAbsent: send("200 OK", "image/jpeg", length: nil, bytes)
            case .lengthTwice:
                send("200 OK\r\nContent-Length: \(count / 2)", "image/jpeg", length: count, bytes)
            case .chunkedGarbage:
                send("200 OK\r\nTransfer-Encoding: chunked", "image/jpeg", length: nil, Array("zz\r\n".utf8) + bytes)
            case .chunkedCut:
                let chunk = Array("\(String(count, radix: 16))\r\n".utf8) + half
                send("200 OK\r\nTransfer-Encoding: chunked", "image/jpeg", length: nil, chunk)
            case .endless:
                send("200 OK", "image/jpeg", length: nil, bytes)
                let piece = [UInt8](repeating: 7, count: 64 << 10)
                while !isOver(), LoopbackSocket.send(piece, to: connection) {}
            case .endlessHead:
                LoopbackSocket.send("HTTP/1.1 200 OK\r\n".utf8, to: connection)
                let field = Array("X-More: \(String(repeating: "x", count: 1000))\r\n".utf8)
                while !isOver(), LoopbackSocket.send(field, to: connection) {}
            case .wrongType: send("200 OK", "text/html", length: count, bytes)
            case .page: send("200 OK", "text/html", length: Self.page.count, Self.page)
            case .status401, .status403, .status404, .status410, .status500:
                let page = Self.page
                send("\(fault.rawValue.suffix(3)) No", "text/html", length: page.count, page)
            case .slow:
                Thread.sleep(forTimeInterval: 0.5)
                send("200 OK", "image/jpeg", length: count, bytes)
            case .none, .silentLookup, .pageForLookup: send("200 OK", "image/jpeg", length: count, bytes)
            }
        }

        private func send(_ status: String, _ type: String, length: Int?, _ body: some Sequence<UInt8>) {
            let length = length.map { "Content-Length: \($0)\r\n" } ?? ""
            let head = "HTTP/1.1 \(status)\r\nContent-Type: \(type)\r\n\(length)Connection: close\r\n\r\n"
            if LoopbackSocket.send(head.utf8, to: connection) { LoopbackSocket.send(body, to: connection) }
        }

        /// Until the other side has had enough.
        private func hold() {
            var byte: UInt8 = 0
            while !isOver() {
                var wait = pollfd(fd: connection, events: Int16(POLLIN), revents: 0)
                if poll(&wait, 1, 200) > 0, recv(connection, &byte, 1, 0) <= 0 { return }
            }
        }
    }
}
