import Foundation
import JSON
import Synchronization
import WhatsApp

/// A small HTTP server that stands where the gateway would: it checks signatures, keeps what came, and answers as told.
final class WebhookReceiver: Sendable {
    struct Received: Sendable {
        let method: String
        let target: String
        let headers: [String: String]
        let body: [UInt8]
        let isSigned: Bool

        var json: JSON { (try? JSON(parsing: body)) ?? .null }

        /// `messages[]` and `statuses[]` of all changes, in order.
        var items: [JSON] {
            (json["entry"]?.array ?? []).flatMap { $0["changes"]?.array ?? [] }.flatMap {
                ($0["value"]?["messages"]?.array ?? []) + ($0["value"]?["statuses"]?.array ?? [])
            }
        }
    }

    private struct State {
        var posts: [Received] = []
        var statuses: [Int] = []
        var connections: [Int32] = []
        var waiters: [(fits: @Sendable ([Received]) -> Bool, continuation: CheckedContinuation<Void, Never>)] = []
    }

    let port: Int
    private let listener: Int32
    private let secret: String
    private let verifyToken: String
    private let state = Mutex(State())

    var url: String { "http://127.0.0.1:\(port)/whatsapp/webhook" }
    var posts: [Received] { state.withLock { $0.posts } }
    var items: [JSON] { posts.flatMap(\.items) }

    init(secret: String = "simulator-secret", verifyToken: String = "simulator-verify") throws {
        self.secret = secret
        self.verifyToken = verifyToken
        let listener = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let bound = withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { generic in
                bind(listener, generic, length) == 0 && listen(listener, 128) == 0
                    && getsockname(listener, generic, &length) == 0
            }
        }
        guard bound else { throw POSIXError(.EADDRNOTAVAIL) }
        self.listener = listener
        port = Int(UInt16(bigEndian: address.sin_port))
        Thread.detachNewThread { [self] in acceptAll() }
    }

    /// Answers of the next POSTs; 200 once they are used up.
    func answer(with statuses: [Int]) { state.withLock { $0.statuses = statuses } }

    /// Waits until what has come fits.
    func wait(until fits: @escaping @Sendable ([Received]) -> Bool) async {
        await withCheckedContinuation { continuation in
            let now = state.withLock { state in
                if fits(state.posts) { return true }
                state.waiters.append((fits, continuation))
                return false
            }
            if now { continuation.resume() }
        }
    }

    func wait(posts count: Int) async { await wait { $0.count >= count } }

    func wait(items count: Int) async { await wait { $0.reduce(0) { $0 + $1.items.count } >= count } }

    /// Waits for a status of a message, wherever it comes.
    func wait(for status: String, of id: String) async {
        await wait { posts in
            posts.contains { $0.items.contains { $0["id"]?.string == id && $0["status"]?.string == status } }
        }
    }

    func close() {
        shutdown(listener, Int32(SHUT_RDWR))
        Foundation.close(listener)
        for connection in state.withLock({ $0.connections }) { shutdown(connection, Int32(SHUT_RDWR)) }
    }

    // MARK: Sockets

    private func acceptAll() {
        while true {
            let connection = accept(listener, nil, nil)
            guard connection >= 0 else { return }
            state.withLock { $0.connections.append(connection) }
            Thread.detachNewThread { [self] in
                serve(connection)
                state.withLock { $0.connections.removeAll { $0 == connection } }
                Foundation.close(connection)
            }
        }
    }

    private func serve(_ connection: Int32) {
        var buffer: [UInt8] = []
        while true {
            var headEnd = find(buffer)
            while headEnd == nil {
                guard receive(connection, &buffer) else { return }
                headEnd = find(buffer)
            }
            let lines = String(decoding: buffer[..<(headEnd ?? 0)], as: UTF8.self).components(separatedBy: "\r\n")
            buffer.removeFirst((headEnd ?? 0) + 4)
            var headers: [String: String] = [:]
            for line in lines.dropFirst() {
                let sides = line.split(separator: ":", maxSplits: 1)
                if sides.count == 2 {
                    headers[sides[0].lowercased()] = sides[1].trimmingCharacters(in: .whitespaces)
                }
            }
            if headers["expect"] != nil { send(connection, "HTTP/1.1 100 Continue\r\n\r\n") }
            let length = Int(headers["content-length"] ?? "0") ?? 0
            while buffer.count < length {
                guard receive(connection, &buffer) else { return }
            }
            let body = Array(buffer.prefix(length))
            buffer.removeFirst(length)
            let first = lines[0].components(separatedBy: " ")
            let (status, text) = handle(first[0], first[1], headers, body)
            send(
                connection,
                "HTTP/1.1 \(status) X\r\nContent-Length: \(text.utf8.count)\r\nContent-Type: text/plain\r\n\r\n\(text)")
        }
    }

    private func handle(
        _ method: String, _ target: String, _ headers: [String: String], _ body: [UInt8]
    ) -> (Int, String) {
        if method == "GET" {
            let query = URLComponents(string: target)?.queryItems ?? []
            func value(_ name: String) -> String? { query.first { $0.name == name }?.value }
            guard value("hub.mode") == "subscribe", value("hub.verify_token") == verifyToken else { return (403, "no") }
            return (200, value("hub.challenge") ?? "")
        }
        let signed = WebhookSignature.isValid(
            header: headers["x-hub-signature-256"], body: body, secrets: [Secret(secret)])
        let post = Received(method: method, target: target, headers: headers, body: body, isSigned: signed)
        let (status, woken) = state.withLock { state in
            state.posts.append(post)
            let status = state.statuses.isEmpty ? (signed ? 200 : 401) : state.statuses.removeFirst()
            let ready = state.waiters.filter { $0.fits(state.posts) }
            if !ready.isEmpty {
                let posts = state.posts
                state.waiters.removeAll { $0.fits(posts) }
            }
            return (status, ready.map(\.continuation))
        }
        for waiter in woken { waiter.resume() }
        return (status, "{}")
    }

    private func find(_ buffer: [UInt8]) -> Int? {
        guard buffer.count >= 4 else { return nil }
        return (0...(buffer.count - 4)).first { Array(buffer[$0..<($0 + 4)]) == [13, 10, 13, 10] }
    }

    private func receive(_ connection: Int32, _ buffer: inout [UInt8]) -> Bool {
        var chunk = [UInt8](repeating: 0, count: 65_536)
        let count = recv(connection, &chunk, chunk.count, 0)
        guard count > 0 else { return false }
        buffer += chunk[..<count]
        return true
    }

    private func send(_ connection: Int32, _ text: String) {
        var bytes = Array(text.utf8)[...]
        while !bytes.isEmpty {
            let count = bytes.withUnsafeBytes {
                Foundation.send(connection, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
            }
            guard count > 0 else { return }
            bytes = bytes.dropFirst(count)
        }
    }
}
