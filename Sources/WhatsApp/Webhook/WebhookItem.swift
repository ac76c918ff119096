/// One thing that happened: a message, a status, a notice.
package struct WebhookItem: Sendable, Hashable {
    /// `entry.id`: the WhatsApp Business Account, for partner events a business, `0` in tests from the dashboard.
    package let businessAccountID: String?
    /// Which of the account's numbers it concerns; absent for account-level fields.
    package let phoneNumberID: String?
    /// Digits.
    package let displayPhoneNumber: String?
    /// The webhook field it came under; empty when the envelope is broken before there is one.
    package let field: String
    package let content: WebhookContent

    package init(
        businessAccountID: String?, phoneNumberID: String?, displayPhoneNumber: String?, field: String,
        content: WebhookContent
    ) {
        self.businessAccountID = businessAccountID
        self.phoneNumberID = phoneNumberID
        self.displayPhoneNumber = displayPhoneNumber
        self.field = field
        self.content = content
    }
}
