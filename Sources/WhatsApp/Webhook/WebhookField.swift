/// How the value of a webhook field is laid out.
enum WebhookField {
    case messages, echoes, history, identityChanges, calls, contactSync
    /// Known, and kept as a whole.
    case notice

    init?(_ name: String) {
        switch name {
        case "messages": self = .messages
        case "smb_message_echoes", "message_echoes": self = .echoes
        case "history": self = .history
        case "user_id_update": self = .identityChanges
        case "calls": self = .calls
        case "smb_app_state_sync": self = .contactSync
        default:
            guard Self.notices.contains(name) else { return nil }
            self = .notice
        }
    }

    private static let notices: Set<String> = [
        "account_alerts", "account_review_update", "account_update", "automatic_events", "business_capability_update",
        "business_username_update", "flows", "group_lifecycle_update", "group_participants_update",
        "group_settings_update", "group_status_update", "message_template_components_update",
        "message_template_quality_update", "message_template_status_update", "partner_solutions",
        "payment_configuration_update", "phone_number_name_update", "phone_number_quality_update", "security",
        "template_category_update", "tracking_events", "user_preferences",
    ]
}
