/// An international telephone number (E.164): 7 to 15 digits, the first of them not 0.
package struct PhoneNumber: Sendable, Hashable {
    /// Country code and number, digits only, as WhatsApp's `wa_id` writes it.
    package let digits: String

    /// Reads a number as people write it: a leading `+`, spaces, dashes, dots and brackets are forgiven, all else is not.
    package init?(_ text: String) {
        // A number has 15 digits and some punctuation; anything much longer is not worth looking at.
        guard text.utf8.count <= 100 else { return nil }
        var digits = ""
        var sawPlus = false
        for scalar in text.unicodeScalars {
            switch scalar {
            case "0"..."9":
                digits.unicodeScalars.append(scalar)
            case "+":
                guard !sawPlus, digits.isEmpty else { return nil }
                sawPlus = true
            default:
                guard Self.isPunctuation(scalar) else { return nil }
            }
        }
        guard (7...15).contains(digits.utf8.count), digits.utf8.first != UInt8(ascii: "0") else { return nil }
        self.digits = digits
    }

    package var e164: String { "+" + digits }

    /// The last four digits, for logs.
    package var masked: String { "…" + digits.suffix(4) }

    /// The digits of every form under which WhatsApp may know this user, this number's own first.
    /// Brazil has mobile numbers with and without the ninth digit, Mexico `52` and `521`, Argentina `54` and `549`.
    package var variants: [String] {
        let count = digits.utf8.count
        if digits.hasPrefix("55") { return Self.brazilian(digits, count) }
        if digits.hasPrefix("52") { return Self.withOptionalMobileDigit("1", country: "52", digits, count) }
        if digits.hasPrefix("54") { return Self.withOptionalMobileDigit("9", country: "54", digits, count) }
        return [digits]
    }

    /// `55`, two digits of area code, then eight digits or a 9 and eight digits.
    private static func brazilian(_ digits: String, _ count: Int) -> [String] {
        let area = digits.prefix(4)
        let local = digits.dropFirst(4)
        let eight = local.suffix(8)
        // Eight digits that begin with 2 to 5 are a land line, which is another subscriber than the mobile with a 9.
        guard let first = eight.first, !("2"..."5").contains(first) else { return [digits] }
        switch count {
        case 12: return [digits, area + "9" + eight]
        case 13 where local.first == "9": return [digits, String(area + eight)]
        default: return [digits]
        }
    }

    /// The country code, then ten digits or the mobile digit and ten digits.
    private static func withOptionalMobileDigit(
        _ mobile: Character, country: String, _ digits: String, _ count: Int
    ) -> [String] {
        let national = digits.dropFirst(2)
        switch count {
        case 12: return [digits, country + String(mobile) + national]
        case 13 where national.first == mobile: return [digits, country + national.dropFirst()]
        default: return [digits]
        }
    }

    private static func isPunctuation(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar {
        case " ", "-", ".", "(", ")", "[", "]", "/": true
        // Non-breaking and thin spaces, typographic dashes, and the direction marks that address books copy along.
        case "\u{00A0}", "\u{2007}", "\u{2009}", "\u{202F}", "\u{2010}"..."\u{2015}", "\u{2212}": true
        case "\u{200E}", "\u{200F}", "\u{202A}"..."\u{202E}", "\u{2060}", "\u{2066}"..."\u{2069}": true
        default: false
        }
    }
}
