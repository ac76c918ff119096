import JSON
import Testing

@testable import WhatsApp

@Suite struct ContactBookTests {
    private func senders(_ value: JSONObject) -> [String?] {
        parseChange(value).items.map { if case .message(_, let sender) = $0.content { sender?.name } else { nil } }
    }

    private func text(from: String) -> JSON {
        ["id": .string("wamid.\(from)"), "from": .string(from), "type": "text", "text": ["body": "a"]]
    }

    @Test func `a user id finds the contact where the number is hidden`() {
        let value: JSONObject = [
            "contacts": [
                ["profile": ["name": "Kim"], "user_id": "US.2"], ["profile": ["name": "Alex"], "wa_id": "15550100001"],
            ],
            "messages": [["from_user_id": "US.2"], ["from": "15550100001"], ["from_user_id": "US.3"]],
        ]
        #expect(senders(value) == ["Kim", "Alex", nil])
    }

    @Test func `the only contact without an id is the only sender`() {
        let nameless: JSON = [["profile": ["name": "Alex"]]]
        let one = text(from: "15550100001")
        let other = text(from: "15550100002")
        #expect(senders(["contacts": nameless, "messages": [one]]) == ["Alex"])
        #expect(senders(["contacts": nameless, "messages": [one, one]]) == ["Alex", "Alex"])
        #expect(senders(["contacts": nameless, "messages": [one, other]]) == [nil, nil])
        #expect(senders(["contacts": [nameless[0]!, nameless[0]!], "messages": [one]]) == [nil])
    }

    @Test func `a contact with an id is never taken for someone else`() {
        let value: JSONObject = [
            "contacts": [["profile": ["name": "Alex"], "wa_id": "15550100001"]],
            "messages": [text(from: "15550100002")],
        ]
        #expect(senders(value) == [nil])
    }

    @Test func `thousands of contacts are found in a body of thousands`() {
        let phones = (0..<8000).map { "1555\(1_000_000 + $0)" }
        let contacts = phones.reversed().map { ["profile": ["name": .string($0)], "wa_id": .string($0)] as JSON }
        let found = senders(["contacts": .array(contacts), "messages": .array(phones.map(text))])
        #expect(found == phones)
    }

    @Test func `contacts of any shape do no harm`() {
        for contacts in [.null, 1, "a", [:], [.null, 1, []], [["wa_id": [:], "profile": 7]]] as [JSON] {
            #expect(senders(["contacts": contacts, "messages": [text(from: "15550100001")]]) == [nil])
        }
    }
}
