import Crypto
import Foundation
import JSON
import Synchronization

/// Meta's Graph API and media host for one medium, answering as the test says. Answers are used in turn; the last
/// one stays.
final class StandInMeta: Sendable {
    private struct Script {
        var information: [LocalServer.Reply] = []
        var files: [LocalServer.Reply] = []
    }

    private final class Pages: Sendable {
        private let script = Mutex(Script())

        func set(_ information: [LocalServer.Reply], _ files: [LocalServer.Reply]) {
            script.withLock { $0 = Script(information: information, files: files) }
        }

        func answer(_ target: String) -> LocalServer.Reply {
            script.withLock { script in
                target.hasPrefix("/file") ? Self.next(&script.files) : Self.next(&script.information)
            }
        }

        private static func next(_ replies: inout [LocalServer.Reply]) -> LocalServer.Reply {
            guard let reply = replies.first else { return LocalServer.Reply(status: 500) }
            if replies.count > 1 { replies.removeFirst() }
            return reply
        }
    }

    private let server: LocalServer
    private let pages: Pages
    var origin: String { server.origin }

    init() throws {
        let pages = Pages()
        self.pages = pages
        server = try LocalServer { pages.answer($0) }
    }

    func stop() { server.stop() }

    func set(information: [LocalServer.Reply], files: [LocalServer.Reply]) { pages.set(information, files) }

    /// What the Graph API says of a medium. Without `announcing`, the truth.
    func information(
        of bytes: [UInt8], announcing hash: String? = nil, size: Int? = nil, type: String = "image/jpeg",
        file: String = "/file"
    ) -> LocalServer.Reply {
        Self.json([
            "messaging_product": "whatsapp", "url": .string(origin + file), "mime_type": .string(type),
            "sha256": .string(hash ?? Self.sha256(bytes)), "file_size": .integer(Int64(size ?? bytes.count)),
        ])
    }

    /// As above, without a hash.
    func information(withoutHashOf bytes: [UInt8]) -> LocalServer.Reply {
        Self.json(["url": .string(origin + "/file"), "file_size": .integer(Int64(bytes.count))])
    }

    static func json(_ value: JSON, status: Int = 200) -> LocalServer.Reply {
        LocalServer.Reply(status: status, headers: [("Content-Type", "application/json")], body: value.encoded())
    }

    static func file(_ bytes: [UInt8], type: String = "image/jpeg") -> LocalServer.Reply {
        LocalServer.Reply(headers: [("Content-Type", type)], body: bytes)
    }

    static func refusal(_ code: Int64, status: Int, subcode: Int64? = nil) -> LocalServer.Reply {
        var error: JSONObject = ["message": "Refused", "type": "GraphMethodException", "code": .integer(code)]
        error["error_subcode"] = subcode.map(JSON.integer)
        return json(["error": .object(error)], status: status)
    }

    static func sha256(_ bytes: [UInt8]) -> String {
        SHA256.hash(data: bytes).map { String($0 >> 4, radix: 16) + String($0 & 15, radix: 16) }.joined()
    }

    static func base64SHA256(_ bytes: [UInt8]) -> String { Data(SHA256.hash(data: bytes)).base64EncodedString() }

    /// How often the medium's information and its bytes were asked for.
    var asked: (information: Int, files: Int) {
        let targets = server.targets
        let files = targets.count { $0.hasPrefix("/file") }
        return (targets.count - files, files)
    }
    var targets: [String] { server.targets }
}
