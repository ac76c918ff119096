import JSON

/// A voice call began, ended, or was answered or refused.
package struct CallEvent: Sendable, Hashable {
    package let id: String
    /// Digits; the business' own number on calls that it made.
    package let from: String?
    package let fromUserID: String?
    package let to: String?
    /// `connect`, `terminate`; absent on the status of a call that the business made.
    package let event: String?
    /// `COMPLETED`, `FAILED`; of a call that the business made `RINGING`, `ACCEPTED`, `REJECTED`.
    package let status: String?
    /// `USER_INITIATED`, `BUSINESS_INITIATED`.
    package let direction: String?
    /// Milliseconds.
    package let timestamp: Int64?
    /// Seconds.
    package let duration: Int64?
    package let callbackData: String?
    package let raw: JSON

    package init(
        id: String, from: String?, fromUserID: String? = nil, to: String? = nil, event: String?, status: String? = nil,
        direction: String?, timestamp: Int64?, duration: Int64? = nil, callbackData: String? = nil, raw: JSON = [:]
    ) {
        self.id = id
        self.from = from
        self.fromUserID = fromUserID
        self.to = to
        self.event = event
        self.status = status
        self.direction = direction
        self.timestamp = timestamp
        self.duration = duration
        self.callbackData = callbackData
        self.raw = raw
    }

    init?(_ item: LooseObject) {
        guard let id = item.text("id") else { return nil }
        self.init(
            id: id, from: item.phone("from"), fromUserID: item.text("from_user_id"),
            to: item.phone("to") ?? item.phone("recipient_id"), event: item.text("event"), status: item.text("status"),
            direction: item.text("direction"), timestamp: item.milliseconds("timestamp"),
            duration: item.integer("duration"), callbackData: item.text("biz_opaque_callback_data"), raw: item.json)
    }

    /// A customer's call opens the customer service window at the moment it begins, whether or not it is taken.
    package var opensWindow: Bool { event == "connect" && direction == "USER_INITIATED" }
}
