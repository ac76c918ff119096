import NIOCore
import NIOPosix
import Synchronization

/// A request as it came over the wire.
struct RawRequest: Sendable {
    let method: String
    let path: String
    /// Names in lower case.
    let headers: [String: String]
    let body: [UInt8]
    /// Which of the server's connections it came on, from 1.
    let connection: Int

    var text: String { String(decoding: body, as: UTF8.self) }
}

/// What the server does with a request; whatever is not told it leaves undone, so an empty list is silence.
enum RawAction: Sendable {
    case send(String)
    case sendBytes([UInt8])
    /// Sent again and again until the other side goes away.
    case endless(String)
    case close
    case reset

    static func answer(_ status: String = "200 OK", _ headers: String = "", _ body: String = "") -> RawAction {
        .send("HTTP/1.1 \(status)\r\nContent-Length: \(body.utf8.count)\r\n\(headers)\r\n\(body)")
    }

    static func redirect(to url: String, _ status: String = "302 Found", _ body: String = "") -> RawAction {
        .answer(status, "Location: \(url)\r\n", body)
    }
}

/// A TCP server, on 127.0.0.1 unless told otherwise, that answers each request with scripted bytes, well-formed or not.
final class RawServer: Sendable {
    typealias Script = @Sendable (RawRequest) -> [RawAction]

    let port: Int
    private let channel: any Channel
    private let log: RawLog

    init(host: String = "127.0.0.1", _ script: @escaping Script) async throws {
        let log = RawLog()
        let channel = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .childChannelInitializer { child in
                child.eventLoop.makeCompletedFuture {
                    try child.pipeline.syncOperations.addHandler(
                        RawHandler(connection: log.connected(), log: log, script: script))
                }
            }
            .bind(host: host, port: 0).get()
        self.log = log
        self.channel = channel
        port = channel.localAddress!.port!
    }

    deinit { channel.close(promise: nil) }

    var url: String { "http://127.0.0.1:\(port)" }
    var requests: [RawRequest] { log.requests }
    var connections: Int { log.connections }

    /// Waits until `count` requests have come.
    func arrived(_ count: Int) async { await log.wait { $0.requests.count >= count } }
    /// Waits until `count` connections have ended.
    func ended(_ count: Int) async { await log.wait { $0.ended >= count } }

    func stop() async throws { try await channel.close() }
}

/// What the server has seen, and who waits to hear of it.
final class RawLog: Sendable {
    struct State {
        var connections = 0
        var ended = 0
        var requests: [RawRequest] = []
        var waiting: [(@Sendable (State) -> Bool, CheckedContinuation<Void, Never>)] = []
    }

    private let state = Mutex(State())

    var requests: [RawRequest] { state.withLock { $0.requests } }
    var connections: Int { state.withLock { $0.connections } }

    func connected() -> Int {
        change {
            $0.connections += 1
            return $0.connections
        }
    }

    func received(_ request: RawRequest) { change { $0.requests.append(request) } }
    func disconnected() { change { $0.ended += 1 } }

    func wait(_ condition: @escaping @Sendable (State) -> Bool) async {
        await withCheckedContinuation { continuation in
            change { $0.waiting.append((condition, continuation)) }
        }
    }

    private func change<T: Sendable>(_ body: (inout State) -> T) -> T {
        let (result, ready) = state.withLock { state in
            let result = body(&state)
            let ready = state.waiting.filter { $0.0(state) }.map(\.1)
            let now = state
            state.waiting.removeAll { $0.0(now) }
            return (result, ready)
        }
        for continuation in ready { continuation.resume() }
        return result
    }
}

private final class RawHandler: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    private let connection: Int
    private let log: RawLog
    private let script: RawServer.Script
    private var received: [UInt8] = []

    init(connection: Int, log: RawLog, script: @escaping RawServer.Script) {
        self.connection = connection
        self.log = log
        self.script = script
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        received.append(contentsOf: unwrapInboundIn(data).readableBytesView)
        while let request = nextRequest() {
            let actions = script(request)
            log.received(request)
            for action in actions { perform(action, context.channel) }
        }
    }

    func channelInactive(context: ChannelHandlerContext) { log.disconnected() }

    /// A handshake or nonsense never ends a head: the script then is asked nothing, unless its bytes came in full.
    func errorCaught(context: ChannelHandlerContext, error: any Error) { context.close(promise: nil) }

    private func nextRequest() -> RawRequest? {
        guard let end = received.firstRange(of: Array("\r\n\r\n".utf8)) else { return nil }
        let lines = String(decoding: received[..<end.lowerBound], as: UTF8.self).split(separator: "\r\n")
        let words = lines[0].split(separator: " ")
        var headers: [String: String] = [:]
        for line in lines.dropFirst() {
            let pair = line.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
            headers[pair[0].lowercased()] = String(pair[1].drop { $0 == " " })
        }
        let length = headers["content-length"].flatMap { Int($0) } ?? 0
        guard received.count >= end.upperBound + length else { return nil }
        let body = Array(received[end.upperBound..<(end.upperBound + length)])
        received.removeFirst(end.upperBound + length)
        return RawRequest(
            method: String(words[0]), path: String(words[1]), headers: headers, body: body, connection: connection)
    }
}

func perform(_ action: RawAction, _ channel: any Channel) {
    switch action {
    case .send(let text): channel.writeAndFlush(ByteBuffer(string: text), promise: nil)
    case .sendBytes(let bytes): channel.writeAndFlush(ByteBuffer(bytes: bytes), promise: nil)
    case .endless(let text): sendRepeatedly(ByteBuffer(string: text), channel)
    case .close: channel.close(promise: nil)
    case .reset: reset(channel)
    }
}

private func sendRepeatedly(_ bytes: ByteBuffer, _ channel: any Channel) {
    channel.writeAndFlush(bytes).whenSuccess { sendRepeatedly(bytes, channel) }
}

/// Closing with a linger of zero sends RST instead of FIN.
private func reset(_ channel: any Channel) {
    (channel as! any SocketOptionProvider).setSoLinger(linger(l_onoff: 1, l_linger: 0))
        .whenComplete { _ in channel.close(promise: nil) }
}
