import JSON

/// `/sim/webhook`, `/sim/webhooks` and `/sim/delivery`: where webhooks go, what became of them, and how they are posted.
struct DeliveryRoutes: Sendable {
    let core: SimulatorCore

    func answer(_ call: Call, _ path: [String]) async throws(ControlError) -> Reply {
        switch (call.method, path) {
        case ("GET", ["webhook"]): return webhook()
        case ("PUT", ["webhook"]): return try await setWebhook(call)
        case ("GET", ["webhooks"]):
            let entries = core.delivery.log(
                after: try call.number("after", 0...Int.max) ?? 0, limit: try call.number("limit", 1...1000) ?? 1000)
            let withBody = call.query["bodies"] == "true"
            return .json([
                "webhooks": .array(entries.map { $0.json(withBody: withBody) }),
                "pending": .int(core.delivery.counts.pending),
            ])
        case ("POST", ["webhooks", "raw"]): return try await raw(call)
        case ("GET", ["delivery"]): return .json(core.delivery.options.json)
        case ("PUT", ["delivery"]): return try setOptions(call)
        default: throw .notFound("there is no \(call.method) /\(call.segments.joined(separator: "/")); see GET /sim")
        }
    }

    private func webhook() -> Reply {
        .json(["url": .text(core.delivery.url) ?? .null, "subscribed": .bool(core.delivery.isSubscribed)])
    }

    private func setWebhook(_ call: Call) async throws(ControlError) -> Reply {
        let body = try call.json()
        let url: String?
        let appSecret: String?
        let verifyToken: String?
        let verify: Bool
        do throws(FieldError) {
            let reader = try FieldReader(body, allowed: ["url", "appSecret", "verifyToken", "verify"])
            url = try reader.string("url", 1...2000)
            if let url, !url.hasPrefix("http://"), !url.hasPrefix("https://") {
                throw reader.error("url", "must be an http or https address")
            }
            appSecret = try reader.string("appSecret", 0...1024)
            verifyToken = try reader.string("verifyToken", 0...1024)
            verify = try reader.bool("verify") ?? false
        } catch {
            throw .field(error)
        }
        if verify, let url {
            let token = verifyToken ?? core.delivery.verifyToken
            if let problem = await core.delivery.verify(url: url, token: token) {
                throw ControlError(status: 422, code: "WEBHOOK_NOT_VERIFIED", message: problem)
            }
        }
        core.delivery.setSecrets(appSecret: appSecret, verifyToken: verifyToken)
        // Without `url` the address stays; null takes it away.
        if url != nil || body["url"]?.isNull == true { core.delivery.setURL(url) }
        return .json(["url": .text(core.delivery.url) ?? .null, "verified": .bool(verify && url != nil)])
    }

    private func setOptions(_ call: Call) throws(ControlError) -> Reply {
        let body = try call.json()
        do throws(FieldError) {
            // PUT: what isn't given goes back to its default.
            var options = DeliveryOptions()
            try options.apply(FieldReader(body, allowed: DeliveryOptions.fields))
            core.delivery.setOptions(options)
            return .json(options.json)
        } catch {
            throw .field(error)
        }
    }

    private func raw(_ call: Call) async throws(ControlError) -> Reply {
        let body = try call.json()
        guard let payload = body["body"] else {
            throw .bad("`body` is required: JSON, or a string that is sent as it is")
        }
        for key in body.object?.keys ?? [] where key != "body" && key != "sign" {
            throw .bad("`\(key)` is not known; allowed are body and sign")
        }
        let sign: (Bool, wrong: Bool)
        switch body["sign"] {
        case nil, .null?, true?: sign = (true, false)
        case false?: sign = (false, false)
        case "wrong"?: sign = (true, true)
        default: throw .bad("`sign` must be true, false or \"wrong\"")
        }
        let bytes = payload.string.map { Array($0.utf8) } ?? MetaEncoding.bytes(payload)
        let (answer, problem) = await core.delivery.postRaw(bytes, sign: sign.0, wrong: sign.wrong)
        guard let answer else {
            throw ControlError(status: 502, code: "NO_ANSWER", message: problem ?? "the webhook did not answer")
        }
        return .json([
            "status": .int(answer.status), "body": .string(String(decoding: answer.body.prefix(65_536), as: UTF8.self)),
        ])
    }
}
