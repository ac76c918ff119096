import JSON

/// One of Meta's errors, as an answer of the Graph API or inside a `failed` status.
struct GraphError: Error, Sendable, Equatable {
    var code: Int
    /// HTTP status of the answer.
    var status: Int
    /// Text without the code before it.
    var title: String
    var details: String?
    var subcode: Int?
    var type = "OAuthException"
    /// The title is the whole message; otherwise `(#code)` stands before it.
    var bare = false

    /// The catalogue's error of that code; an unknown code is a 400.
    init(code: Int, details: String? = nil, status: Int? = nil, title: String? = nil, subcode: Int? = nil) {
        let entry = GraphErrorCatalogue.entries[code]
        self.code = code
        self.status = status ?? entry?.status ?? 400
        self.title = title ?? entry?.title ?? "Unknown error"
        self.details = details ?? entry?.details
        self.subcode = subcode
    }

    /// Body of an answer.
    var body: JSON {
        let data: JSON? = details.map { ["messaging_product": "whatsapp", "details": .string($0)] }
        return [
            "error": .fields([
                "message": .string(bare ? title : "(#\(code)) \(title)"),
                "type": .string(type),
                "code": .int(code),
                "error_data": data,
                "error_subcode": subcode.map { .int($0) },
                "fbtrace_id": .string("A" + Wamid.random(bytes: 11).lowercased()),
            ])
        ]
    }

    /// Item of `errors[]` in a status.
    var statusJSON: JSON {
        .fields([
            "code": .int(code), "title": .string(title), "message": .string(title),
            "error_data": details.map { ["details": .string($0)] },
            "href": "https://developers.facebook.com/documentation/business-messaging/whatsapp/support/error-codes",
        ])
    }

    var reply: Reply { .json(body, status: status) }

    static func missing(_ parameter: String) -> GraphError {
        GraphError(code: 131008, details: "The parameter \(parameter) is required.")
    }

    static func invalid(_ details: String) -> GraphError { GraphError(code: 100, details: details) }

    static func value(_ details: String) -> GraphError { GraphError(code: 131009, details: details) }

    static func noSuchObject(_ id: String, method: String) -> GraphError {
        var error = GraphError(
            code: 100,
            title: "Unsupported \(method.lowercased()) request. Object with ID '\(id)' does not exist, cannot be "
                + "loaded due to missing permissions, or does not support this operation. Please read the Graph API "
                + "documentation at https://developers.facebook.com/docs/graph-api",
            subcode: 33)
        error.details = nil
        error.type = "GraphMethodException"
        error.bare = true
        return error
    }

    static var badToken: GraphError {
        var error = GraphError(code: 190, title: "Invalid OAuth access token - Cannot parse access token")
        error.details = nil
        error.bare = true
        return error
    }

    static var noToken: GraphError {
        GraphError(code: 104, status: 400, title: "An access token is required to request this resource.")
    }
}
