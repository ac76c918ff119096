import JSON

/// `GET /sim`: what is here, with commands that work as they stand.
struct Guide: Sendable {
    let core: SimulatorCore

    var reply: Reply {
        let base = core.baseURL
        let settings = core.settings
        let json = "-H 'Content-Type: application/json'"
        let commands: [(String, String)] = [
            (
                "a customer writes",
                "curl -s \(base)/sim/phones/15550100001/messages \(json) -d '{\"text\":\"Hello\"}'"
            ),
            (
                "a customer sends a picture",
                "curl -s \(base)/sim/phones/15550100001/messages \(json) "
                    + "-d '{\"image\":{\"sample\":true,\"caption\":\"Look\"}}'"
            ),
            ("what that phone received", "curl -s \(base)/sim/phones/15550100001"),
            ("what businesses sent, waiting up to 10 s", "curl -s '\(base)/sim/messages?wait=10'"),
            (
                "the business sends, as at Meta",
                "curl -s \(base)/v25.0/\(settings.phoneNumberID)/messages "
                    + "-H 'Authorization: Bearer \(settings.accessToken)' \(json) "
                    + "-d '{\"messaging_product\":\"whatsapp\",\"to\":\"+15550100001\",\"type\":\"text\","
                    + "\"text\":{\"body\":\"Hi\"}}'"
            ),
            (
                "where webhooks go",
                "curl -s -X PUT \(base)/sim/webhook \(json) "
                    + "-d '{\"url\":\"http://127.0.0.1:3000/whatsapp/webhook\"}'"
            ),
            (
                "the next send fails",
                "curl -s \(base)/sim/faults \(json) "
                    + "-d '{\"match\":{\"path\":\"/messages\"},\"action\":{\"code\":131056}}'"
            ),
            ("webhooks posted so far", "curl -s \(base)/sim/webhooks"),
            ("start over", "curl -s -X DELETE \(base)/sim/state"),
        ]
        return .json([
            "name": "Vestibule simulator: a stand-in for Meta's WhatsApp Cloud API",
            "graph": .string("\(base)/v25.0"),
            "phoneNumberId": .string(settings.phoneNumberID),
            "businessAccountId": .string(settings.businessAccountID),
            "webhook": .text(core.delivery.url) ?? .null,
            "routes": [
                "GET /sim/state", "DELETE /sim/state", "GET /sim/settings", "PATCH /sim/settings", "GET /sim/webhook",
                "PUT /sim/webhook", "GET /sim/webhooks", "POST /sim/webhooks/raw", "GET /sim/delivery",
                "PUT /sim/delivery", "GET /sim/messages", "GET /sim/messages/{id}", "GET /sim/phones",
                "GET /sim/phones/{number}", "PATCH /sim/phones/{number}", "POST /sim/phones/{number}/messages",
                "POST /sim/phones/{number}/read", "POST /sim/phones/{number}/messages/{id}/status", "GET /sim/faults",
                "POST /sim/faults", "DELETE /sim/faults", "DELETE /sim/faults/{id}",
            ],
            "try": .object(JSONObject(commands.map { ($0.0, JSON.string($0.1)) })),
        ])
    }
}
