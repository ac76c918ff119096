import WhatsApp

/// The credentials of one WhatsApp business number.
package struct Account: Sendable {
    package let id: AccountID
    package let phoneNumberID: String?
    package let businessAccountID: String?
    /// Absent when nothing was configured: such an account receives and cannot send.
    package let token: Secret?

    /// The room of a contact: `whatsapp_<digits>`, for accounts other than `default` with the number's id behind it.
    func roomName(for subject: String) -> RoomName {
        let safe = String(
            subject.unicodeScalars.map { $0.isASCII && $0.properties.isAlphanumeric ? Character($0) : "_" })
        let suffix = id == .default ? "" : "_\(phoneNumberID ?? id.rawValue)"
        return RoomName(rawValue: "whatsapp_\(safe)\(suffix)")
    }
}

extension Unicode.Scalar.Properties {
    fileprivate var isAlphanumeric: Bool { isAlphabetic || numericType != nil }
}

/// What the environment says of the account `default`.
package struct DefaultAccount: Sendable {
    package let phoneNumberID: String
    package let businessAccountID: String?
    package let accessToken: Secret?

    package init(phoneNumberID: String, businessAccountID: String?, accessToken: Secret?) {
        self.phoneNumberID = phoneNumberID
        self.businessAccountID = businessAccountID
        self.accessToken = accessToken
    }
}
