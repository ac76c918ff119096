import JSON

/// An error of Meta's, from a reply of the Graph API or from a webhook.
/// Every part but the code is text for people and changes without notice: branch on `code`, then `subcode`.
package struct MetaError: Sendable, Hashable {
    package let code: Int?
    package let subcode: Int?
    package let title: String?
    package let message: String?
    /// What Meta says about this very case: `error_data.details`, or what stands for it in older forms.
    package let details: String?
    /// What Meta's support asks for.
    package let fbtraceID: String?
    package let type: String?
    package let isTransient: Bool?
    /// The HTTP status of the reply; nil for errors from webhooks.
    package let httpStatus: Int?

    package init(
        code: Int? = nil, subcode: Int? = nil, title: String? = nil, message: String? = nil, details: String? = nil,
        fbtraceID: String? = nil, type: String? = nil, isTransient: Bool? = nil, httpStatus: Int? = nil
    ) {
        self.code = code
        self.subcode = subcode
        self.title = title
        self.message = message
        self.details = details
        self.fbtraceID = fbtraceID
        self.type = type
        self.isTransient = isTransient
        self.httpStatus = httpStatus
    }

    /// The account itself is refused: a right is missing, it is locked or has not paid. Its owner can mend that.
    package var refusesAccount: Bool { if case .account = GraphErrorCode(code) { true } else { false } }

    /// Reads an error object, bare (webhooks) or as the `error` of a reply. Nil when there is no object.
    package static func parse(_ json: JSON, httpStatus: Int? = nil) -> MetaError? {
        guard let outer = LooseObject(json) else { return nil }
        let error = outer.object("error") ?? outer
        let data = error.object("error_data")
        return MetaError(
            code: error.integer("code").flatMap { Int(exactly: $0) },
            subcode: error.integer("error_subcode").flatMap { Int(exactly: $0) },
            title: error.text("title", or: "error_user_title"),
            message: error.text("message"),
            details: data?.text("details") ?? error.text("error_data", or: "details", "error_user_msg"),
            fbtraceID: error.text("fbtrace_id"),
            type: error.text("type"),
            isTransient: error.flag("is_transient"),
            httpStatus: httpStatus)
    }

    /// The errors of an `errors` array, at most 100. Items that are no objects are left out; one object stands for a
    /// list of one.
    package static func parseList(_ json: JSON?) -> [MetaError] {
        guard let json else { return [] }
        guard let items = json.array else { return parse(json).map { [$0] } ?? [] }
        return items.prefix(100).compactMap { parse($0) }
    }

    /// One line for people: code, title or message, and details where they add something. At most 1000 characters.
    package var summary: String {
        var parts: [String] = []
        if let heading = title ?? message { parts.append(heading) }
        for part in [message, details].compactMap({ $0 }) where !parts.contains(where: { $0.contains(part) }) {
            parts.append(part)
        }
        let text = parts.isEmpty ? "unknown error" : parts.joined(separator: ": ")
        let line = code.map { "(#\($0)) " + text.withoutCode($0) } ?? text
        return String(line.prefix(1000))
    }
}

extension String {
    /// Graph replies begin their message with the code, webhooks do not.
    fileprivate func withoutCode(_ code: Int) -> String {
        let prefix = "(#\(code)) "
        return hasPrefix(prefix) ? String(dropFirst(prefix.count)) : self
    }
}
