import JSON

extension OutgoingContent {
    /// Contact cards as Meta writes them, 1 to 257.
    package static func contacts(from value: JSON, path: String) throws(FieldError) -> OutgoingContent {
        guard case .array(let cards) = value, 1...257 ~= cards.count else {
            throw FieldError(field: path, problem: "must be an array of 1 to 257 contacts")
        }
        for (place, card) in cards.enumerated() {
            try ContactCard.check(card, path: "\(path)[\(place)]")
        }
        return .contacts(value.withoutNulls(except: []))
    }
}

private enum ContactCard {
    private static let nameParts = ["first_name", "last_name", "middle_name", "prefix", "suffix"]
    private static let addressParts = ["street", "city", "state", "zip", "country", "country_code"]

    static func check(_ value: JSON, path: String) throws(FieldError) {
        let card = try FieldReader(
            value, path: path, allowed: ["name", "phones", "emails", "urls", "addresses", "org", "birthday"])
        try checkName(try card.requiredReader("name", allowed: ["formatted_name"] + nameParts))
        try checkEach("phones", of: card, required: "phone", optional: ["type", "wa_id"])
        try checkEach("emails", of: card, required: "email", optional: ["type"])
        try checkEach("urls", of: card, required: "url", optional: ["type"])
        try checkEach("addresses", of: card, required: nil, optional: addressParts + ["type"])
        let organisation = ["company", "department", "title"]
        if let org = try card.reader("org", allowed: organisation) {
            for part in organisation { _ = try org.string(part, 0...1000) }
        }
        if let birthday = try card.string("birthday"), !isDate(birthday) {
            throw card.error("birthday", "must be a date as in 1990-12-31")
        }
    }

    /// Meta wants one more part of the name beside the whole.
    private static func checkName(_ name: FieldReader) throws(FieldError) {
        _ = try name.requiredString("formatted_name", 1...1000)
        var hasPart = false
        for part in nameParts where try name.text(part, upTo: 1000) != nil { hasPart = true }
        guard hasPart else {
            throw name.error("first_name", "or another part of the name is required beside formatted_name")
        }
    }

    private static func checkEach(
        _ key: String, of card: FieldReader, required: String?, optional: [String]
    ) throws(FieldError) {
        let allowed = (required.map { [$0] } ?? []) + optional
        for item in try card.readers(key, count: 0...100, allowed: allowed) ?? [] {
            if let required { _ = try item.requiredString(required, 1...2000) }
            for part in optional { _ = try item.string(part, 0...1000) }
        }
    }

    private static func isDate(_ text: String) -> Bool {
        let parts = text.split(separator: "-", omittingEmptySubsequences: false)
        guard parts.map(\.utf8.count) == [4, 2, 2] else { return false }
        guard parts.joined().utf8.allSatisfy({ UInt8(ascii: "0")...UInt8(ascii: "9") ~= $0 }) else { return false }
        guard let year = Int(parts[0]), let month = Int(parts[1]), let day = Int(parts[2]) else { return false }
        guard 1...12 ~= month else { return false }
        let isLeap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0)
        let days = [31, isLeap ? 29 : 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]
        return 1...days[month - 1] ~= day
    }
}
