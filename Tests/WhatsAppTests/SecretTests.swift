import Testing

@testable import WhatsApp

@Suite struct SecretTests {
    private struct Holder { let token = Secret("EAAhidden") }

    @Test func `a secret never prints itself`() {
        let secret = Secret("EAAhidden")
        var dumped = ""
        dump(Holder(), to: &dumped)
        for text in [
            "\(secret)", String(describing: secret), String(reflecting: secret), "\(Holder())", "\([secret])", dumped,
        ] {
            #expect(!text.contains("EAAhidden"))
            #expect(text.contains("<redacted>"))
        }
        #expect(secret.reveal() == "EAAhidden")
    }

    @Test(arguments: ["", "E", "EAAhidde", "EAAhidden ", "eAAhidden", "EAAhiddem"])
    func `only the same bytes are equal`(other: String) {
        #expect(!Secret("EAAhidden").constantTimeEquals(other))
        #expect(Secret(other).constantTimeEquals(Array(other.utf8)))
    }
}
