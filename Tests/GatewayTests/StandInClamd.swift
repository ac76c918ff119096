import Foundation
import Synchronization
import Testing

@testable import Gateway

/// Speaks clamd's protocol at a socket, and does what the test says with what it is given to scan.
final class StandInClamd: Sendable {
    enum Manner: Sendable {
        /// Answers this, with the byte that ends an answer.
        case answering(String)
        /// Sends just these bytes, and ends the connection.
        case saying(String)
        /// Answers before it has all of the file, and reads no further.
        case answeringEarly(String)
        /// As clamd does with a file that is over its limit.
        case limiting(to: Int)
        /// Ends the connection without a word.
        case closing
        /// Takes everything and never answers.
        case silent
    }

    let address: ClamdAddress
    /// The files that were given to it whole.
    var scanned: [[UInt8]] { state.withLock { $0.scanned } }

    private struct State {
        var manner: Manner
        var scanned: [[UInt8]] = []
    }

    private let listener: Int32
    private let state: Mutex<State>

    /// - Parameter path: of a unix socket; nil for a port of the loopback address.
    init(_ manner: Manner = .answering("stream: OK"), path: String? = nil) throws {
        state = Mutex(State(manner: manner))
        (listener, address) = try path.map(Self.listen(at:)) ?? Self.listen()
        Thread.detachNewThread { [self] in serve() }
    }

    func set(_ manner: Manner) { state.withLock { $0.manner = manner } }

    /// Wakes the waiting `accept`, whose thread then closes the socket.
    func stop() { shutdown(listener, Int32(SHUT_RDWR)) }

    private func serve() {
        defer { close(listener) }
        while true {
            let connection = accept(listener, nil, nil)
            guard connection >= 0 else { return }
            Thread.detachNewThread { [self] in
                defer { close(connection) }
                answer(connection)
            }
        }
    }

    private func answer(_ connection: Int32) {
        let manner = state.withLock { $0.manner }
        guard let command = Self.command(connection) else { return }
        switch command {
        case "zPING": Self.say("PONG\0", connection)
        case "zVERSION": Self.say("ClamAV 1.4.3/27500/Mon Nov 16 09:31:04 2026\0", connection)
        case "zINSTREAM": scan(manner, connection)
        default: Self.say("UNKNOWN COMMAND\0", connection)
        }
    }

    private func scan(_ manner: Manner, _ connection: Int32) {
        switch manner {
        case .closing: return
        case .answeringEarly(let text):
            _ = Self.read(connection, 4)
            Self.say(text + "\0", connection)
            // Ends when the other side does.
            while Self.read(connection, 1) != nil {}
            return
        default: break
        }
        var bytes: [UInt8] = []
        while true {
            guard let head = Self.read(connection, 4) else { return }
            let count = head.reduce(0) { $0 << 8 | Int($1) }
            if count == 0 { break }
            if case .limiting(let limit) = manner, bytes.count + count > limit {
                return Self.say("INSTREAM size limit exceeded. ERROR\0", connection)
            }
            guard let piece = Self.read(connection, count) else { return }
            bytes += piece
        }
        state.withLock { $0.scanned.append(bytes) }
        switch manner {
        case .answering(let text): Self.say(text + "\0", connection)
        case .saying(let text): Self.say(text, connection)
        case .limiting: Self.say("stream: OK\0", connection)
        default: while Self.read(connection, 1) != nil {}
        }
    }

    private static func command(_ connection: Int32) -> String? {
        var bytes: [UInt8] = []
        while let byte = read(connection, 1)?.first {
            if byte == 0 { return String(decoding: bytes, as: UTF8.self) }
            bytes.append(byte)
        }
        return nil
    }

    private static func read(_ connection: Int32, _ count: Int) -> [UInt8]? {
        var bytes: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 64 << 10)
        while bytes.count < count {
            let got = recv(connection, &buffer, min(buffer.count, count - bytes.count), 0)
            guard got > 0 else { return nil }
            bytes += buffer[..<got]
        }
        return bytes
    }

    private static func say(_ text: String, _ connection: Int32) {
        let bytes = Array(text.utf8)
        _ = send(connection, bytes, bytes.count, Int32(MSG_NOSIGNAL))
    }

    private static func listen() throws -> (Int32, ClamdAddress) {
        let listener = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
        var size = socklen_t(MemoryLayout<sockaddr_in>.size)
        let isListening = withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(listener, $0, size) == 0 && Glibc.listen(listener, 64) == 0
                    && getsockname(listener, $0, &size) == 0
            }
        }
        try #require(isListening)
        return (listener, .tcp(host: "127.0.0.1", port: Int(UInt16(bigEndian: address.sin_port))))
    }

    private static func listen(at path: String) throws -> (Int32, ClamdAddress) {
        let listener = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0)
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path.utf8) }
        let size = socklen_t(MemoryLayout<sockaddr_un>.size)
        let isListening = withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(listener, $0, size) == 0 && Glibc.listen(listener, 64) == 0
            }
        }
        try #require(isListening)
        return (listener, .unix(path: path))
    }
}
