import JSON

/// One POST of Meta's, taken apart into items that each stand on their own.
///
/// Nothing in a body is an error: what can't be understood is an `unsupported` item beside the others, and a body that
/// is no webhook at all has a `problem`. No string of a parsed webhook holds a NUL character; U+FFFD stands in its place.
package struct Webhook: Sendable, Hashable {
    /// Which of Meta's products it is from; `whatsapp_business_account` for all that is handled here.
    package let object: String?
    /// In the order of the body.
    package let items: [WebhookItem]
    /// Why the body as a whole could not be read, or not all of it; nil when it could.
    package let problem: String?

    package init(object: String?, items: [WebhookItem], problem: String?) {
        self.object = object
        self.items = items
        self.problem = problem
    }

    /// Meta nests about a dozen levels. The stores behind this hold fewer than the JSON parser would allow.
    static let maxDepth = 64

    package static func parse(_ body: some Collection<UInt8>) -> Webhook {
        let json: JSON
        do {
            json = try JSON(parsing: body, mode: .lenient, maxDepth: maxDepth)
        } catch {
            return Webhook(
                object: nil, items: [], problem: "the body is not JSON: \(error.message) at byte \(error.offset)")
        }
        var parser = WebhookParser()
        return parser.parse(json.replacingNUL())
    }
}
