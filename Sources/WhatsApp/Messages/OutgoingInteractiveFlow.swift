import JSON

extension InteractiveMessage {
    func checkFlow() throws(FieldError) {
        try checkHeader()
        try checkBody()
        try checkFooter()
        let action = try action(["name", "parameters"])
        _ = try action.requiredChoice("name", of: ["flow"])
        let parameters = try action.requiredReader(
            "parameters",
            allowed: [
                "flow_message_version", "flow_id", "flow_name", "flow_cta", "flow_token", "mode", "flow_action",
                "flow_action_payload",
            ])
        _ = try parameters.requiredChoice("flow_message_version", of: ["3"])
        try Self.checkFlowIdentity(parameters)
        let label = try parameters.requiredString("flow_cta", 1...30)
        if label.contains(where: \.isEmoji) { throw parameters.error("flow_cta", "must not contain emoji") }
        _ = try parameters.string("flow_token", 1...1024)
        _ = try parameters.choice("mode", of: ["draft", "published"])
        try Self.checkFlowStart(parameters)
    }

    private static func checkFlowIdentity(_ parameters: FieldReader) throws(FieldError) {
        switch (parameters.has("flow_id"), parameters.has("flow_name")) {
        case (true, false): _ = try parameters.requiredString("flow_id", 1...64)
        case (false, true): _ = try parameters.requiredString("flow_name", 1...200)
        case (true, true): throw parameters.error("flow_name", "must not stand beside flow_id; give one of the two")
        case (false, false): throw parameters.error("flow_id", "or flow_name is required")
        }
    }

    /// A flow that begins with an exchange asks the business' own endpoint for its first screen.
    private static func checkFlowStart(_ parameters: FieldReader) throws(FieldError) {
        let start = try parameters.choice("flow_action", of: ["navigate", "data_exchange"])
        guard let payload = try parameters.reader("flow_action_payload", allowed: ["screen", "data"]) else { return }
        if start == "data_exchange" {
            throw parameters.error("flow_action_payload", "doesn't go with the flow_action data_exchange")
        }
        _ = try payload.requiredString("screen", 1...200)
        _ = try payload.object("data")
    }
}
