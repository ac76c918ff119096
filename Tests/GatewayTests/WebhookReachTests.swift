import JSON
import Testing
import WhatsApp

@testable import Gateway

struct WebhookReachTests {
    private func reach(_ value: JSONObject, field: String = "messages") -> WebhookReach {
        WebhookReach(Webhook.parse(Harness.webhook(value, field: field).encoded()))
    }

    private func message(_ fields: JSONObject) -> JSONObject {
        var message = fields
        message["id"] = "wamid.1"
        message["timestamp"] = "1700000000"
        if message["type"] == nil {
            message["type"] = "text"
            message["text"] = ["body": "x"]
        }
        return ["messages": [.object(message)]]
    }

    private func share(_ a: WebhookReach, _ b: WebhookReach) -> Bool {
        !Set(a.customers).isDisjoint(with: b.customers)
    }

    @Test func `messages, statuses and calls of one customer share it, those of others do not`() {
        let text = reach(message(["from": "15550100001"]))
        #expect(share(text, reach(message(["from": "15550100001"]))))
        #expect(!share(text, reach(message(["from": "15550100002"]))))
        let status: JSON = ["id": "wamid.2", "status": "read", "timestamp": "1", "recipient_id": "15550100001"]
        #expect(share(text, reach(["statuses": [status]])))
        let call: JSON = [
            "id": "wacid.1", "from": "15550100001", "event": "connect", "timestamp": "1",
            "direction": "USER_INITIATED",
        ]
        #expect(share(text, reach(["calls": [call]], field: "calls")))
    }

    @Test func `every form of a number is one customer`() {
        #expect(share(reach(message(["from": "5511987654321"])), reach(message(["from": "551187654321"]))))
    }

    @Test func `a customer is known by number or user id`() {
        let both = reach(message(["from": "15550100001", "from_user_id": "US.1234567890"]))
        #expect(share(both, reach(message(["from_user_id": "US.1234567890"]))))
        #expect(share(both, reach(message(["from": "15550100001"]))))
    }

    @Test func `a group is one customer, whoever writes in it`() {
        let one = reach(message(["from": "15550100001", "group_id": "group-1"]))
        #expect(share(one, reach(message(["from": "15550100002", "group_id": "group-1"]))))
    }

    @Test func `a change of ids concerns everybody`() {
        #expect(!reach(message(["from": "15550100001"])).isEverybody)
        let system: JSON = ["type": "user_changed_number", "body": "moved", "wa_id": "15550100010"]
        #expect(reach(message(["from": "15550100001", "type": "system", "system": system])).isEverybody)
    }

    @Test func `what cannot be understood concerns nobody`() {
        let reach = WebhookReach(Webhook.parse(Array("no JSON".utf8)))
        #expect(reach.customers.isEmpty)
        #expect(!reach.isEverybody)
    }
}
