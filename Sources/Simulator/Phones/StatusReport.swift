import JSON

/// One item of `statuses[]`, in the form of v24.0: no `conversation`, price on `sent` and `delivered`.
struct StatusReport {
    let message: ChatMessage
    let phone: Phone
    let progress: Progress
    let at: Int64

    var json: JSON {
        let priced = progress == .sent || progress == .delivered
        let numberKnown = !message.toUserID && phone.shownNumber != nil
        return .fields([
            "id": .string(message.id),
            "status": .string(progress.rawValue),
            "timestamp": .string(String(at / 1000)),
            "recipient_id": numberKnown ? .text(phone.shownNumber) : nil,
            "recipient_user_id": .text(phone.userID),
            "biz_opaque_callback_data": .text(message.callbackData),
            "pricing": priced ? pricing : nil,
            "errors": progress == .failed ? [(message.failure ?? GraphError(code: 131000)).statusJSON] : nil,
        ])
    }

    private var pricing: JSON {
        let free = message.category == "service"
        return [
            "billable": .bool(!free), "pricing_model": "PMP",
            "type": free ? "free_customer_service" : "regular", "category": .string(message.category),
        ]
    }
}
