import JSON

/// One approved (or waiting) template of the account.
struct Template: Sendable {
    let id: String
    let name: String
    let language: String
    var status = "APPROVED"
    let category: String
    /// Kind of media in the header, upper case; nil without one.
    var header: String?
    let body: String
    var footer: String?
    var buttons: [JSON] = []
    /// Names of the body's variables; nil when they are numbered.
    var names: [String]?

    /// How many variables the body has.
    var count: Int { names?.count ?? body.split(separator: "{{").count - (body.hasPrefix("{{") ? 0 : 1) }

    static let all: [Template] = [
        Template(
            id: "900000000000100", name: "hello_world", language: "en_US", category: "UTILITY",
            body:
                "Welcome and congratulations!! This message demonstrates your ability to send a message notification.",
            footer: "WhatsApp Business Platform sample message"),
        Template(
            id: "900000000000101", name: "order_update", language: "en_US", category: "UTILITY",
            body: "Hello {{1}}, your order {{2}} has left."),
        Template(
            id: "900000000000102", name: "order_update", language: "de", status: "PENDING", category: "UTILITY",
            body: "Hallo {{1}}, die Bestellung {{2}} ist unterwegs."),
        Template(
            id: "900000000000103", name: "booking", language: "en_US", category: "UTILITY", header: "IMAGE",
            body: "Booked! {{guests}} on {{day}}, see you.", footer: "Example Shop",
            buttons: [
                ["type": "URL", "text": "Change", "url": "https://shop.example.test/b/{{1}}"],
                ["type": "QUICK_REPLY", "text": "Cancel"],
            ],
            names: ["guests", "day"]),
        Template(
            id: "900000000000104", name: "login_code", language: "en_US", category: "AUTHENTICATION",
            body: "{{1}} is your verification code.",
            buttons: [["type": "URL", "text": "Copy code", "url": "https://www.whatsapp.com/otp/code/?code={{1}}"]]),
        Template(
            id: "900000000000105", name: "spring_sale", language: "en_US", category: "MARKETING",
            body: "New in {{1}}: come and see.", buttons: [["type": "QUICK_REPLY", "text": "Stop"]]),
        Template(
            id: "900000000000106", name: "old_offer", language: "en_US", status: "PAUSED", category: "MARKETING",
            body: "This offer rests."),
    ]

    var json: JSON {
        var components: [JSON] = []
        if let header { components.append(["type": "HEADER", "format": .string(header)]) }
        components.append(["type": "BODY", "text": .string(body)])
        if let footer { components.append(["type": "FOOTER", "text": .string(footer)]) }
        if !buttons.isEmpty { components.append(["type": "BUTTONS", "buttons": .array(buttons)]) }
        return [
            "name": .string(name), "parameter_format": names == nil ? "POSITIONAL" : "NAMED",
            "components": .array(components), "language": .string(language), "status": .string(status),
            "category": .string(category), "id": .string(id),
        ]
    }
}
