import JSON

// What several outgoing families read from a request's object.
extension FieldReader {
    /// An absent and an empty string mean the same here.
    func text(_ key: String, upTo limit: Int) throws(FieldError) -> String? {
        let text = try string(key, 0...limit)
        return text == "" ? nil : text
    }

    /// An address that Meta, or the user's phone, opens: http or https with a host, no spaces or control characters.
    func requiredWebAddress(_ key: String, upTo limit: Int = 2000) throws(FieldError) -> String {
        let address = try requiredString(key, 1...limit)
        let lowercased = address.lowercased()
        let scheme = ["https://", "http://"].first { lowercased.hasPrefix($0) }
        let rest = lowercased.utf8.dropFirst(scheme?.utf8.count ?? 0)
        let isClean = !address.unicodeScalars.contains { $0.value <= 0x20 || $0.value == 0x7F }
        guard scheme != nil, isClean, let first = rest.first, !"/?#:@".utf8.contains(first) else {
            throw error(key, "must be an http or https URL")
        }
        return address
    }

    /// The file that an object names: Meta's `id` of it or a public `link`, never both.
    func checkMediaSource() throws(FieldError) {
        switch (has("id"), has("link")) {
        case (true, false): _ = try requiredString("id", 1...128)
        case (false, true): _ = try requiredWebAddress("link")
        case (true, true): throw error("link", "must not stand beside `\(fieldPath("id"))`; give one of the two")
        case (false, false): throw error("id", "or `\(fieldPath("link"))` is required")
        }
    }

    /// `reason` continues the field's name: "isn't possible in a `product` message".
    func refuse(_ key: String, _ reason: String) throws(FieldError) {
        if has(key) { throw error(key, reason) }
    }
}

extension JSON {
    /// The value without the members that are null, which Meta takes for values of the wrong type. Free-form objects,
    /// where null may mean something to the receiver, stay as they are.
    func withoutNulls(except freeForm: Set<String>) -> JSON {
        switch self {
        case .array(let items): .array(items.map { $0.withoutNulls(except: freeForm) })
        case .object(let object):
            .object(
                JSONObject(
                    object.lazy.filter { !$0.value.isNull }.map { member in
                        let isFree = freeForm.contains(member.key)
                        return (member.key, isFree ? member.value : member.value.withoutNulls(except: freeForm))
                    }))
        default: self
        }
    }
}
