import JSON

/// Whom a message goes to.
package enum Recipient: Sendable, Hashable {
    /// `+` and digits. Without the plus Meta may put the business' own country code before it.
    case phone(String)
    /// Business-scoped user id, for users whose number isn't known.
    case user(String)
    case group(String)

    /// The members of a send that address it.
    var graphMembers: [(String, JSON)] {
        switch self {
        case .phone(let number): [("recipient_type", "individual"), ("to", .string(number))]
        case .user(let id): [("recipient_type", "individual"), ("recipient", .string(id))]
        case .group(let id): [("recipient_type", "group"), ("to", .string(id))]
        }
    }
}
