import Fetch
import JSON

/// Meta's Graph API, as far as a business number needs it. Holds no token: each call brings its own.
package struct GraphClient: Sendable {
    private let fetch: FetchClient
    private let origin: String
    private let version: String

    private static let sendTimeout = Duration.seconds(45)
    private static let transferTimeout = Duration.seconds(600)
    private static let stalled = FetchLowSpeed(bytesPerSecond: 1024, period: .seconds(30))
    private static let maxReplyBytes = 1 << 20
    private static let maxRedirects = 3

    /// - Parameters:
    ///   - origin: scheme and host, as in `https://graph.facebook.com`. Any other than that is trusted as the host of
    ///     media too.
    ///   - version: as in `v21.0`.
    package init(fetch: FetchClient, origin: String, version: String) {
        self.fetch = fetch
        self.origin = origin.hasSuffix("/") ? String(origin.dropLast()) : origin
        self.version = version
    }

    /// Sends one message, once. There is no idempotency at Meta: an `unknown` must not be sent again blindly.
    /// - Parameter body: of `OutgoingContent.graphBody`.
    package func send(_ body: JSON, phoneNumberID: String, token: Secret) async -> SendVerdict {
        do throws(GraphError) {
            let response = try await post(body, to: [phoneNumberID, "messages"], token: token)
            return .judge(status: response.status, headers: response.headers, body: response.body)
        } catch {
            if case .unreachable(let failure) = error { return .judge(failure) }
            return .fail(MetaError(code: nil, message: error.summary))
        }
    }

    /// Marks a message and all before it as read; `typing` also shows the user that an answer is being written, for
    /// 25 seconds at most.
    package func markRead(
        messageID: String, typing: Bool, phoneNumberID: String, token: Secret
    ) async throws(GraphError) {
        var body: JSONObject = [
            "messaging_product": "whatsapp", "status": "read", "message_id": .string(messageID),
        ]
        if typing { body["typing_indicator"] = ["type": "text"] }
        let response = try await post(.object(body), to: [phoneNumberID, "messages"], token: token)
        let reply = try Self.reply(response)
        guard reply["success"]?.bool == true else { throw GraphError(response, "no success") }
    }

    /// - Parameters:
    ///   - path: of the file on disk.
    ///   - mimeType: has to fit the content and the extension of `fileName`, or Meta refuses one or the other.
    /// - Returns: the media id, good for 30 days on this number.
    package func uploadMedia(
        path: String, mimeType: String, fileName: String, phoneNumberID: String, token: Secret
    ) async throws(GraphError) -> String {
        let parts = [
            FetchPart(name: "messaging_product", content: .bytes(Array("whatsapp".utf8))),
            FetchPart(name: "type", content: .bytes(Array(mimeType.utf8))),
            FetchPart(name: "file", content: .file(path: path), fileName: fileName, contentType: mimeType),
        ]
        var request = try request("POST", [phoneNumberID, "media"], token: token)
        request.body = .multipart(parts)
        request.timeout = Self.transferTimeout
        request.lowSpeed = Self.stalled
        // A second upload leaves an unused copy that lapses by itself.
        request.idempotent = true
        let response = try await perform(request)
        guard let id = try Self.reply(response)["id"]?.string, !id.isEmpty else {
            throw GraphError(response, "no media id")
        }
        return id
    }

    package func media(id: String, phoneNumberID: String, token: Secret) async throws(GraphError) -> MediaInfo {
        guard Self.isID(phoneNumberID) else { throw .invalidID }
        let query = "phone_number_id=\(phoneNumberID)"
        let response = try await perform(try request("GET", [id], query: query, token: token))
        guard let info = MediaInfo(try Self.reply(response)) else { throw GraphError(response, "no media address") }
        return info
    }

    /// Fetches a medium into a new file. Meta can answer with a page of its own under 200: compare size and SHA-256.
    /// - Parameters:
    ///   - url: of `MediaInfo` or of a webhook; the token goes to Meta's media hosts over https only.
    ///   - limit: bytes.
    /// - Throws: `addressExpired` when a new address is to be asked for; `unreachable(.tooLarge)` beyond the limit.
    package func downloadMedia(
        url: String, token: Secret, to path: String, limit: Int64
    ) async throws(GraphError) -> FetchDownload {
        guard var address = MediaAddress(url, graphOrigin: origin) else { throw .addressNotAllowed }
        for _ in 0...Self.maxRedirects {
            let download = try await download(address, token: token, to: path, limit: limit)
            if download.isSuccess { return download }
            guard 300..<400 ~= download.status, let location = download.headers.first("Location") else {
                // An address that is over is answered so or so; if it is the token, asking for a new one will tell.
                if [401, 403, 404, 410].contains(download.status) { throw .addressExpired }
                throw GraphError(
                    status: download.status, headers: download.headers, body: download.errorBody, "no media")
            }
            guard let next = address.redirected(to: location, graphOrigin: origin) else { throw .addressNotAllowed }
            address = next
        }
        throw .unreachable(.tooManyRedirects)
    }

    /// What Meta says of the business number.
    package func phoneNumber(id: String, token: Secret) async throws(GraphError) -> JSON {
        let fields = [
            "id", "verified_name", "display_phone_number", "quality_rating", "code_verification_status", "name_status",
            "status", "platform_type", "throughput", "account_mode", "health_status", "webhook_configuration",
        ]
        let query = "fields=\(fields.joined(separator: ","))"
        return try Self.reply(try await perform(try request("GET", [id], query: query, token: token)))
    }

    package func subscribedApps(
        businessAccountID: String, token: Secret
    ) async throws(GraphError) -> [SubscribedApp] {
        let request = try request("GET", [businessAccountID, "subscribed_apps"], token: token)
        let response = try await perform(request)
        guard let apps = SubscribedApp.list(try Self.reply(response)) else { throw GraphError(response, "no list") }
        return apps
    }
}

extension GraphClient {
    private func post(_ body: JSON, to path: [String], token: Secret) async throws(GraphError) -> FetchResponse {
        var request = try request("POST", path, token: token)
        request.headers.append(("Content-Type", "application/json"))
        request.body = .bytes(body.encoded())
        request.timeout = Self.sendTimeout
        return try await perform(request)
    }

    private func request(
        _ method: String, _ path: [String], query: String? = nil, token: Secret
    ) throws(GraphError) -> FetchRequest {
        guard path.allSatisfy(Self.isID) else { throw .invalidID }
        let url = ([origin, version] + path).joined(separator: "/") + (query.map { "?\($0)" } ?? "")
        var request = FetchRequest(method: method, url: url, headers: Self.headers(token))
        request.maxResponseBytes = Self.maxReplyBytes
        return request
    }

    private static func headers(_ token: Secret) -> [(String, String)] {
        [("Authorization", "Bearer \(token.reveal())")]
    }

    private func perform(_ request: FetchRequest) async throws(GraphError) -> FetchResponse {
        do throws(FetchError) {
            return try await fetch.send(request)
        } catch {
            throw .unreachable(error)
        }
    }

    private func download(
        _ address: MediaAddress, token: Secret, to path: String, limit: Int64
    ) async throws(GraphError) -> FetchDownload {
        var request = FetchRequest(url: address.url, headers: Self.headers(token))
        request.timeout = Self.transferTimeout
        request.lowSpeed = Self.stalled
        do throws(FetchError) {
            return try await fetch.download(request, to: path, limit: limit)
        } catch {
            throw .unreachable(error)
        }
    }

    private static func reply(_ response: FetchResponse) throws(GraphError) -> JSON {
        let reply = GraphReply(status: response.status, body: response.body)
        guard 200..<300 ~= response.status, reply.error == nil, let json = reply.json else {
            throw GraphError(response, reply.json == nil ? "no JSON" : "no success")
        }
        return json
    }

    /// Ids stand in the path, so anything that could change it is kept out.
    private static func isID(_ text: String) -> Bool {
        !text.isEmpty
            && text.utf8.allSatisfy {
                UInt8(ascii: "a")...UInt8(ascii: "z") ~= $0 | 0x20 || UInt8(ascii: "0")...UInt8(ascii: "9") ~= $0
                    || $0 == UInt8(ascii: "_") || $0 == UInt8(ascii: "-")
            }
    }
}
