import JSON

/// A customer's business-scoped user id has changed, as it does with their number.
package struct IdentityChange: Sendable, Hashable {
    /// Digits.
    package let waID: String?
    package let previousUserID: String?
    package let currentUserID: String?
    package let previousParentUserID: String?
    package let currentParentUserID: String?
    /// Milliseconds.
    package let timestamp: Int64?
    package let raw: JSON

    package init(
        waID: String?, previousUserID: String?, currentUserID: String?, previousParentUserID: String? = nil,
        currentParentUserID: String? = nil, timestamp: Int64? = nil, raw: JSON = [:]
    ) {
        self.waID = waID
        self.previousUserID = previousUserID
        self.currentUserID = currentUserID
        self.previousParentUserID = previousParentUserID
        self.currentParentUserID = currentParentUserID
        self.timestamp = timestamp
        self.raw = raw
    }

    /// Nil when it names no new id.
    init?(_ item: LooseObject) {
        let user = item.object("user_id")
        guard let current = user?.text("current") else { return nil }
        let parent = item.object("parent_user_id")
        self.init(
            waID: item.phone("wa_id"), previousUserID: user?.text("previous"), currentUserID: current,
            previousParentUserID: parent?.text("previous"), currentParentUserID: parent?.text("current"),
            timestamp: item.milliseconds("timestamp"), raw: item.json)
    }
}
