import JSON
import Testing

@testable import WhatsApp

private let cards = """
    [{"name": {"formatted_name": "Alex Example", "first_name": "Alex", "last_name": null},
      "phones": [{"phone": "+1 555 010 0001", "type": "WORK", "wa_id": "15550100001"}],
      "emails": [{"email": "alex@example.test", "type": "WORK"}], "urls": [{"url": "https://example.test"}],
      "addresses": [{"street": "1 Road", "city": "Town", "country_code": "us", "type": "HOME"}],
      "org": {"company": "Example", "title": "Clerk"}, "birthday": "2000-02-29"}]
    """

private func fault(_ value: JSON) -> String? {
    fault { () throws(FieldError) in try .contacts(from: value, path: "contacts") }
}

@Suite struct OutgoingContactsTests {
    @Test func `a whole card is taken, without its nulls`() throws {
        let value = try json(cards)
        let content = try OutgoingContent.contacts(from: value, path: "contacts")
        #expect(content == .contacts(replacing("[0].name.last_name", in: value, with: nil)))
        try expectRestored(content)
        let body = content.graphBody(to: .phone("+1"), mediaID: nil, context: nil, callbackData: "")
        #expect(body["contacts"]?[0]?["org"]?["company"] == "Example")
    }

    @Test(
        arguments: [
            ("[0].name", nil, "contacts[0].name"), ("[0].name.formatted_name", nil, "contacts[0].name.formatted_name"),
            ("[0].name.first_name", nil, "contacts[0].name.first_name"),
            ("[0].name.first_name", "", "contacts[0].name.first_name"),
            ("[0].phones[0].phone", nil, "contacts[0].phones[0].phone"),
            ("[0].phones[0].number", "1", "contacts[0].phones[0].number"),
            ("[0].emails[0].email", 1, "contacts[0].emails[0].email"), ("[0].urls", "x", "contacts[0].urls"),
            ("[0].org.boss", "x", "contacts[0].org.boss"), ("[0].birthday", "2001-02-29", "contacts[0].birthday"),
            ("[0].birthday", "01.02.2000", "contacts[0].birthday"),
            ("[0].birthday", "2000-13-01", "contacts[0].birthday"),
            ("[0].vcard", "x", "contacts[0].vcard"), ("[1]", "x", "contacts[1]"),
        ] as [(String, JSON?, String)])
    func `a faulty part is named`(path: String, value: JSON?, field: String) throws {
        #expect(fault(replacing(path, in: try json(cards), with: value)) == field)
    }

    @Test func `there are 1 to 257 cards`() throws {
        let card = try #require(try json(cards)[0])
        #expect(fault(.array(Array(repeating: card, count: 257))) == nil)
        #expect(fault(.array(Array(repeating: card, count: 258))) == "contacts")
        #expect(fault([]) == "contacts")
        #expect(fault(card) == "contacts")
    }
}
