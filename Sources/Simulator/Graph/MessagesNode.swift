import JSON

/// `POST /{phone-number-id}/messages`: sends, read marks and typing.
struct MessagesNode: Sendable {
    let core: SimulatorCore

    func post(_ call: Call) throws(GraphError) -> Reply {
        let body: JSON
        do throws(JSONError) {
            body = try JSON(parsing: call.body)
        } catch {
            throw .invalid("The request body is not valid JSON: \(error.message)")
        }
        guard body.object != nil else { throw .invalid("The request body must be a JSON object.") }
        guard let product = body["messaging_product"], !product.isNull else {
            throw GraphError(code: 100, title: "The parameter messaging_product is required.")
        }
        guard product.string == "whatsapp" else {
            throw GraphError(
                code: 100, title: "Param messaging_product must be one of {WHATSAPP} - got \"\(product.text)\".")
        }
        if let status = body["status"], !status.isNull { return try mark(body, status) }
        return try send(SendRequest(body, settings: core.settings, shelf: core.shelf))
    }

    private func send(_ request: SendRequest) -> Reply {
        let (message, phone) = core.exchange.accept(request)
        let contact: JSON = .fields([
            "input": .string(request.input),
            "wa_id": request.toUserID ? nil : .text(phone.waID ?? phone.number),
            "user_id": request.toUserID ? .text(phone.userID) : nil,
        ])
        return .json([
            "messaging_product": "whatsapp",
            "contacts": [contact],
            "messages": [
                .fields([
                    "id": .string(message.id), "message_status": request.type == "template" ? "accepted" : nil,
                ])
            ],
        ])
    }

    private func mark(_ body: JSON, _ status: JSON) throws(GraphError) -> Reply {
        guard status.string == "read" else {
            throw GraphError(code: 100, title: "Param status must be one of {READ} - got \"\(status.text)\".")
        }
        guard let id = body["message_id"]?.string, !id.isEmpty else { throw .missing("message_id") }
        if let typing = body["typing_indicator"], !typing.isNull, typing["type"]?.string != "text" {
            throw .value("typing_indicator.type must be text.")
        }
        guard core.exchange.withWorld({ $0.markRead(id, at: Moment.now) }) else {
            throw .value("message_id: there is no received message with this id.")
        }
        core.bell.ring()
        return .json(["success": true])
    }
}
