import WhatsApp

/// Under what ids one webhook item or one request knows its contact. At least one of them is set.
struct ContactIdentity: Hashable, Sendable {
    let account: AccountID
    /// Digits as received, the number that answers go to first.
    var phones: [String] = []
    var userID: String?
    var groupID: String?

    var isEmpty: Bool { phones.isEmpty && userID == nil && groupID == nil }

    /// Every alias under which this contact may already be known: numbers in each form that WhatsApp treats as one
    /// user (Brazil's ninth digit, Mexico's 1, Argentina's 9).
    var lookups: [ContactAlias] {
        aliases + phones.flatMap { PhoneNumber($0)?.variants ?? [] }.map { ContactAlias(account, .phone, $0) }
    }

    /// What was really seen, kept as the contact's aliases.
    var aliases: [ContactAlias] {
        phones.map { ContactAlias(account, .phone, $0) }
            + [userID.map { ContactAlias(account, .user, $0) }].compactMap(\.self)
            + [groupID.map { ContactAlias(account, .group, $0) }].compactMap(\.self)
    }

    /// What the room of a new contact is named after.
    var subject: String { phones.first ?? userID ?? groupID ?? "" }
}

struct ContactAlias: Hashable, Sendable, Comparable {
    enum Kind: String { case phone, user, group }

    let account: AccountID
    let kind: Kind
    let value: String

    init(_ account: AccountID, _ kind: Kind, _ value: String) {
        self.account = account
        self.kind = kind
        self.value = value
    }

    static func < (a: ContactAlias, b: ContactAlias) -> Bool {
        (a.account.rawValue, a.kind.rawValue, a.value) < (b.account.rawValue, b.kind.rawValue, b.value)
    }
}
