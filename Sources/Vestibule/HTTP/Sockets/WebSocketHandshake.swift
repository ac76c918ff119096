import Crypto
import Foundation
import Gateway
import HTTPTypes

/// The opening of a WebSocket by a request (RFC 6455, §4.2).
struct WebSocketHandshake: Sendable {
    private static let version = "13"

    let headers: HTTPFields

    /// - Throws: `RequestFailure` 426 for a request that asks for no WebSocket of this version, 400 for a broken one.
    init(_ request: HTTPRequest) throws(RequestFailure) {
        let fields = request.headerFields
        guard Self.isAsked(by: request), fields[.secWebSocketVersion] == Self.version else {
            throw RequestFailure(
                status: .upgradeRequired, code: "UPGRADE_REQUIRED",
                message: "this is a WebSocket, version 13: connect with `Upgrade: websocket`",
                headers: [.upgrade: "websocket", .secWebSocketVersion: Self.version])
        }
        guard let key = fields[.secWebSocketKey], Data(base64Encoded: key)?.count == 16 else {
            throw .invalid("`Sec-WebSocket-Key` must be 16 bytes in base64")
        }
        let digest = Insecure.SHA1.hash(data: Data((key + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11").utf8))
        headers = [
            .upgrade: "websocket", .connection: "Upgrade", .secWebSocketAccept: Data(digest).base64EncodedString(),
        ]
    }

    static func isAsked(by request: HTTPRequest) -> Bool {
        request.method == .get && has("websocket", .upgrade, request) && has("upgrade", .connection, request)
    }

    private static func has(_ token: String, _ name: HTTPField.Name, _ request: HTTPRequest) -> Bool {
        (request.headerFields[name] ?? "").split(separator: ",").contains {
            $0.trimmingCharacters(in: .whitespaces).lowercased() == token
        }
    }
}
