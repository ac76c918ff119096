import JSON
import Testing

@testable import WhatsApp

@Suite struct WebhookSignatureTests {
    private let signatures: JSON
    private let secret: Secret

    init() throws {
        signatures = try WebhookFixtures.signatures()
        secret = Secret(try #require(signatures["app_secret"]?.string))
    }

    @Test func `Meta's signature of every webhook holds`() throws {
        let files = try #require(signatures["files"]?.object)
        #expect(files.count == 284)
        for (file, header) in files {
            let body = try WebhookFixtures.body(file)
            #expect(WebhookSignature.isValid(header: header.string, body: body, secrets: [secret]), "\(file)")
        }
    }

    @Test func `every header that must fail fails`() throws {
        let cases = try #require(signatures["must_fail"]?.array)
        #expect(cases.count == 7)
        for one in cases {
            let body = try WebhookFixtures.body(try #require(one["file"]?.string))
            let header = one["header"]?.string
            #expect(
                !WebhookSignature.isValid(header: header, body: body, secrets: [secret]),
                "\(one["case"]?.string ?? "")")
        }
    }

    @Test func `upper-case hex holds`() throws {
        for one in try #require(signatures["may_pass"]?.array) {
            let body = try WebhookFixtures.body(try #require(one["file"]?.string))
            #expect(WebhookSignature.isValid(header: one["header"]?.string, body: body, secrets: [secret]))
        }
    }

    @Test func `one changed byte breaks the signature`() throws {
        var body = try WebhookFixtures.body("message-text")
        let header = signatures["files"]?["message-text.json"]?.string
        try #require(WebhookSignature.isValid(header: header, body: body, secrets: [secret]))
        body[body.count / 2] ^= 1
        #expect(!WebhookSignature.isValid(header: header, body: body, secrets: [secret]))
    }

    @Test func `any of several secrets will do, none will not`() throws {
        let body = try WebhookFixtures.body("message-text")
        let header = signatures["files"]?["message-text.json"]?.string
        let other = Secret("another")
        #expect(WebhookSignature.isValid(header: header, body: body, secrets: [other, secret]))
        #expect(WebhookSignature.isValid(header: header, body: body, secrets: [secret, other]))
        #expect(!WebhookSignature.isValid(header: header, body: body, secrets: [other]))
        #expect(!WebhookSignature.isValid(header: header, body: body, secrets: []))
    }

    @Test func `an empty secret signs nothing`() {
        // HMAC-SHA256 of no bytes under an empty key.
        let header = "sha256=b613679a0814d9ec772f95d778c35fc5ff1697c493715653c6c712144292c5ad"
        #expect(!WebhookSignature.isValid(header: header, body: [], secrets: [Secret("")]))
        #expect(!WebhookSignature.isValid(header: header, body: [], secrets: [Secret("x")]))
    }

    @Test(arguments: [
        "sha256=", "sha256=zz", "sha256=" + String(repeating: "g", count: 64),
        "SHA256=" + String(repeating: "a", count: 64),
        "sha256=" + String(repeating: "a", count: 66), " sha256=" + String(repeating: "a", count: 64),
        "sha256=" + String(repeating: "é", count: 32), "sha256=" + String(repeating: "a", count: 64) + "\n",
    ])
    func `a header of another form is refused`(header: String) {
        #expect(!WebhookSignature.isValid(header: header, body: [], secrets: [secret]))
    }
}
