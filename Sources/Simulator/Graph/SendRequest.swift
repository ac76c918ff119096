import JSON

/// A message that the business wants to send, checked as far as Meta checks before it answers.
struct SendRequest: Sendable {
    /// Digits of the number, or a BSUID.
    let address: String
    /// `to` or `recipient` as it was written.
    let input: String
    /// Only the BSUID was given.
    let toUserID: Bool
    let type: String
    let content: JSON
    /// What a person would read.
    let summary: String?
    let context: String?
    let callbackData: String?
    /// Price category.
    let category: String

    init(_ body: JSON, settings: SimulatorSettings, shelf: MediaShelf) throws(GraphError) {
        (address, input, toUserID) = try Self.recipient(of: body, settings: settings)
        switch body["type"] {
        case nil, .null?: type = "text"
        case .string(let name)?: type = name
        case let other?: throw .value("type must be a string, not \(other.text).")
        }
        if let value = body["context"], !value.isNull {
            guard value.object != nil else { throw .value("context must be an object.") }
            guard let id = value["message_id"]?.string, !id.isEmpty else { throw .missing("context.message_id") }
            context = id
        } else {
            context = nil
        }
        if let data = body["biz_opaque_callback_data"], !data.isNull {
            guard let text = data.string, text.unicodeScalars.count <= 512 else {
                throw .value("biz_opaque_callback_data must be a string of at most 512 characters.")
            }
            callbackData = text
        } else {
            callbackData = nil
        }
        let rules = ContentRules(phoneNumberID: settings.phoneNumberID, shelf: shelf)
        guard ContentRules.types.contains(type) else {
            throw GraphError(
                code: 100,
                title: "Param type must be one of {AUDIO, CONTACTS, DOCUMENT, IMAGE, INTERACTIVE, LOCATION, "
                    + "REACTION, STICKER, TEMPLATE, TEXT, VIDEO} - got \"\(type)\".")
        }
        guard let content = body[type], !content.isNull else { throw .missing(type) }
        if type == "contacts" {
            guard content.array != nil else { throw .value("contacts must be an array.") }
        } else {
            guard content.object != nil else { throw .value("\(type) must be an object.") }
        }
        if type == "reaction", context != nil { throw .value("context is not supported for reactions.") }
        let checked = try rules.check(type, content, toUserID: toUserID)
        self.content = content
        summary = checked.summary
        category = checked.category
    }

    private static func recipient(of body: JSON, settings: SimulatorSettings) throws(GraphError) -> (
        String, String, Bool
    ) {
        switch body["recipient_type"]?.string {
        case nil, "individual": break
        case "group": throw GraphError(code: 131041)
        case let other?:
            throw GraphError(
                code: 100, title: "Param recipient_type must be one of {GROUP, INDIVIDUAL} - got \"\(other)\".")
        }
        if let to = body["to"], !to.isNull, to != "" {
            // A number where a string belongs is taken, as Meta does.
            guard let text = to.string ?? to.int.map({ String($0) }) else { throw .value("to must be a string.") }
            guard let digits = digits(of: text) else { throw .value("to is not a phone number: \(text)") }
            guard digits != settings.displayPhoneNumber else { throw GraphError(code: 131021) }
            return (digits, text, false)
        }
        guard let user = body["recipient"], !user.isNull, user != "" else { throw .missing("to") }
        guard let text = user.string, isUserID(text) else {
            throw .value("recipient is not a business-scoped user id.")
        }
        return (text, text, true)
    }

    /// Plus, spaces, dashes, dots and brackets are forgiven; 7 to 15 digits must be left.
    static func digits(of text: String) -> String? {
        var digits = ""
        for (position, character) in text.unicodeScalars.enumerated() {
            switch character {
            case "0"..."9": digits.unicodeScalars.append(character)
            case "+" where position == 0: continue
            case " ", "-", ".", "(", ")": continue
            default: return nil
            }
        }
        return (7...15).contains(digits.utf8.count) ? digits : nil
    }

    /// `CC.` and up to 128 letters and digits; `CC.ENT.` for parents.
    static func isUserID(_ text: String) -> Bool {
        let parts = text.split(separator: ".", omittingEmptySubsequences: false)
        guard parts.count == 2 || (parts.count == 3 && parts[1] == "ENT"), let last = parts.last else { return false }
        return parts[0].utf8.count == 2 && (1...128).contains(last.utf8.count)
            && parts[0].utf8.allSatisfy { (65...90).contains($0) }
            && last.unicodeScalars.allSatisfy { $0.isASCII && $0.properties.isAlphabetic || ("0"..."9").contains($0) }
    }
}
