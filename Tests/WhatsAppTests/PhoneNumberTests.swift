import Testing

@testable import WhatsApp

@Suite struct PhoneNumberTests {
    @Test(arguments: [
        "15550100001", "+15550100001", "+1 (555) 010-0001", "1.555.010.0001", " +1\u{00A0}555\u{2011}010\u{2013}0001 ",
        "\u{202A}+1 555 010 0001\u{202C}", "(+1) 555 010 0001",
    ])
    func `a number is known however people write it`(text: String) {
        #expect(PhoneNumber(text)?.digits == "15550100001")
        #expect(PhoneNumber(text)?.e164 == "+15550100001")
        #expect(PhoneNumber(text)?.masked == "…0001")
    }

    @Test(arguments: [
        "", "+", "123456", "1234567890123456", "0155501000", "+0155501000", "++15550100001", "1+5550100001",
        "15550100001x", "15550100001\n", "１５５５０１００００１", "١٥٥٥٠١٠٠٠٠١", "15550100001,15550100002", "wamid.1",
        "15550100001\0", "whatsapp_15550100001",
    ])
    func `what is no number is refused`(text: String) { #expect(PhoneNumber(text) == nil) }

    @Test func `seven to fifteen digits are a number`() {
        #expect(PhoneNumber("1234567")?.digits == "1234567")
        #expect(PhoneNumber("123456789012345")?.digits == "123456789012345")
        #expect(PhoneNumber(String(repeating: " ", count: 1_000_000) + "1234567") == nil)
    }

    @Test(arguments: [
        ("5511900000001", ["5511900000001", "551100000001"]), ("551100000001", ["551100000001", "5511900000001"]),
        ("5511987654321", ["5511987654321", "551187654321"]),
        ("525512345678", ["525512345678", "5215512345678"]), ("5215512345678", ["5215512345678", "525512345678"]),
        ("541112345678", ["541112345678", "5491112345678"]), ("5491112345678", ["5491112345678", "541112345678"]),
    ])
    func `the two spellings of a Brazilian, Mexican or Argentinian number are one user`(
        digits: String, variants: [String]
    ) {
        #expect(PhoneNumber(digits)?.variants == variants)
    }

    @Test(arguments: ["551133334444", "5511933334444", "5512345678", "15550100001", "4915112345678", "52155123456789"])
    func `other numbers have one spelling`(digits: String) {
        #expect(PhoneNumber(digits)?.variants == [digits])
    }
}
