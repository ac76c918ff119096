import Fetch
import Foundation
import JSON

/// Drives a running simulator over its control API, as the command line does.
package struct SimulatorClient: Sendable {
    private let baseURL: String
    private let fetch: FetchClient

    /// - Parameter baseURL: such as `http://127.0.0.1:4000`.
    package init(baseURL: String = "http://127.0.0.1:4000", fetch: FetchClient) {
        self.baseURL = baseURL.hasSuffix("/") ? String(baseURL.dropLast()) : baseURL
        self.fetch = fetch
    }

    // MARK: A customer writes

    /// - Returns: id of the message.
    package func say(
        _ text: String, from phone: String, replyTo: String? = nil
    ) async throws(SimulatorClientError) -> String {
        try await write(.fields(["text": .string(text), "replyTo": .text(replyTo)]), from: phone)
    }

    /// - Parameters:
    ///   - kind: image, video, audio, voice, document or sticker.
    ///   - bytes: nil sends the simulator's sample of that kind.
    package func sendMedia(
        _ kind: String, bytes: [UInt8]? = nil, mimeType: String? = nil, fileName: String? = nil,
        caption: String? = nil, from phone: String
    ) async throws(SimulatorClientError) -> String {
        let content: JSON = .fields([
            "base64": bytes.map { .string(Data($0).base64EncodedString()) }, "sample": bytes == nil ? true : nil,
            "mimeType": .text(mimeType), "fileName": .text(fileName), "caption": .text(caption),
        ])
        return try await write(.object(JSONObject([(kind, content)])), from: phone)
    }

    package func sendLocation(
        latitude: Double, longitude: Double, name: String? = nil, from phone: String
    ) async throws(SimulatorClientError) -> String {
        let place: JSON = .fields([
            "latitude": .number(latitude), "longitude": .number(longitude), "name": .text(name),
        ])
        return try await write(["location": place], from: phone)
    }

    /// - Parameter emoji: "" takes the reaction away.
    package func react(
        _ emoji: String, to messageID: String, from phone: String
    ) async throws(SimulatorClientError) -> String {
        try await write(["reaction": ["messageId": .string(messageID), "emoji": .string(emoji)]], from: phone)
    }

    /// A tap on a reply button of an interactive message.
    package func pressButton(
        id: String, title: String, replyTo: String?, from phone: String
    ) async throws(SimulatorClientError) -> String {
        let reply: JSON = ["id": .string(id), "title": .string(title)]
        return try await write(.fields(["buttonReply": reply, "replyTo": .text(replyTo)]), from: phone)
    }

    /// Any body of `POST /sim/phones/{number}/messages`.
    package func write(_ message: JSON, from phone: String) async throws(SimulatorClientError) -> String {
        let answer = try await call("POST", "/sim/phones/\(Self.encoded(phone))/messages", message)
        return answer["messageId"]?.string ?? ""
    }

    // MARK: A phone

    /// The phone with its messages, both directions, oldest first.
    package func inbox(of phone: String, limit: Int = 100) async throws(SimulatorClientError) -> JSON {
        try await call("GET", "/sim/phones/\(Self.encoded(phone))?limit=\(limit)")
    }

    /// - Returns: how many messages were newly read.
    @discardableResult
    package func read(_ phone: String) async throws(SimulatorClientError) -> Int {
        let answer = try await call("POST", "/sim/phones/\(Self.encoded(phone))/read")
        return Int(answer["read"]?.int ?? 0)
    }

    /// Any body of `PATCH /sim/phones/{number}`.
    @discardableResult
    package func change(_ phone: String, _ changes: JSON) async throws(SimulatorClientError) -> JSON {
        try await call("PATCH", "/sim/phones/\(Self.encoded(phone))", changes)
    }

    /// Reports any status of a message that the business sent.
    /// - Parameter errorCode: for `failed`.
    package func report(
        _ status: String, of messageID: String, errorCode: Int? = nil
    ) async throws(SimulatorClientError) {
        let error: JSON? = errorCode.map { ["code": .int($0)] }
        _ = try await call(
            "POST", "/sim/messages/\(Self.encoded(messageID))/status",
            .fields(["status": .string(status), "error": error]))
    }

    package func phones() async throws(SimulatorClientError) -> [JSON] {
        try await call("GET", "/sim/phones")["phones"]?.array ?? []
    }

    // MARK: The business' messages and webhooks

    /// What businesses sent after `sequence`, oldest first.
    /// - Parameters:
    ///   - wait: seconds to wait for the first one, at most 60.
    ///   - status: only messages that have come so far.
    package func sent(
        after sequence: Int = 0, to phone: String? = nil, type: String? = nil, status: String? = nil, wait: Int = 0
    ) async throws(SimulatorClientError) -> [JSON] {
        var query = "?after=\(sequence)&wait=\(wait)"
        for (name, value) in [("to", phone), ("type", type), ("status", status)] {
            if let value { query += "&\(name)=\(Self.encoded(value))" }
        }
        return try await call("GET", "/sim/messages" + query)["messages"]?.array ?? []
    }

    /// nil leaves a secret as it is; with `verify` the address must answer the verification first.
    package func setWebhook(
        url: String?, appSecret: String? = nil, verifyToken: String? = nil, verify: Bool = false
    ) async throws(SimulatorClientError) {
        _ = try await call(
            "PUT", "/sim/webhook",
            .fields([
                "url": .text(url) ?? .null, "appSecret": .text(appSecret), "verifyToken": .text(verifyToken),
                "verify": .bool(verify),
            ]))
    }

    /// Any body of `PUT /sim/delivery`.
    package func setDelivery(_ options: JSON) async throws(SimulatorClientError) {
        _ = try await call("PUT", "/sim/delivery", options)
    }

    package func webhooks(after id: Int = 0) async throws(SimulatorClientError) -> [JSON] {
        try await call("GET", "/sim/webhooks?after=\(id)")["webhooks"]?.array ?? []
    }

    /// Posts a payload to the webhook and gives the answer back.
    package func postWebhook(_ body: JSON, sign: JSON = true) async throws(SimulatorClientError) -> JSON {
        try await call("POST", "/sim/webhooks/raw", ["body": body, "sign": sign])
    }

    // MARK: Faults and state

    /// - Returns: id of the fault.
    @discardableResult
    package func fault(
        match: JSON = [:], action: JSON, times: Int = 1, after: Int = 0
    ) async throws(SimulatorClientError) -> String {
        let answer = try await call(
            "POST", "/sim/faults",
            ["match": match, "action": action, "times": .int(times), "after": .int(after)])
        return answer["id"]?.string ?? ""
    }

    package func faults() async throws(SimulatorClientError) -> [JSON] {
        try await call("GET", "/sim/faults")["faults"]?.array ?? []
    }

    /// - Parameter id: nil removes all.
    package func removeFaults(_ id: String? = nil) async throws(SimulatorClientError) {
        _ = try await call("DELETE", "/sim/faults" + (id.map { "/" + Self.encoded($0) } ?? ""))
    }

    package func state() async throws(SimulatorClientError) -> JSON { try await call("GET", "/sim/state") }

    package func reset() async throws(SimulatorClientError) { _ = try await call("DELETE", "/sim/state") }

    // MARK: Parts

    /// One request to the control API.
    /// - Throws: the simulator's own message when it refuses.
    package func call(
        _ method: String, _ path: String, _ body: JSON? = nil
    ) async throws(SimulatorClientError) -> JSON {
        var request = FetchRequest(method: method, url: baseURL + path)
        if let body {
            request.headers = [("Content-Type", "application/json")]
            request.body = .bytes(body.encoded())
        }
        // Longer than the longest wait for messages.
        request.timeout = .seconds(90)
        request.maxResponseBytes = 64 << 20
        let answer: FetchResponse
        do throws(FetchError) {
            answer = try await fetch.send(request)
        } catch {
            throw SimulatorClientError(status: nil, message: "the simulator at \(baseURL) did not answer: \(error)")
        }
        // An answer that is no JSON comes from something that isn't the simulator; the status says the rest.
        let value = try? JSON(parsing: answer.body)
        guard (200..<300).contains(answer.status), let value else {
            throw SimulatorClientError(
                status: answer.status,
                message: value?["error"]?["message"]?.string ?? "\(baseURL) answered with HTTP status \(answer.status)")
        }
        return value
    }

    private static func encoded(_ text: String) -> String {
        text.addingPercentEncoding(withAllowedCharacters: .alphanumerics.union(CharacterSet(charactersIn: "-._~")))
            ?? ""
    }
}

/// The simulator refused, or could not be reached (`status` nil).
package struct SimulatorClientError: Error, CustomStringConvertible {
    package let status: Int?
    package let message: String

    package var description: String { message }
}
