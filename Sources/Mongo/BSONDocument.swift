import JSON

/// The fields of a MongoDB document in their order, which takes part in `==` as it does for the server.
/// Look-ups are linear: documents are built and handed over, rarely searched.
package struct BSONDocument: Sendable, Hashable, Sequence {
    private struct Field: Sendable, Hashable {
        let key: String
        var value: BSONValue
    }

    private var fields: [Field] = []

    package init() {}

    /// Of a key that comes twice the last value stays, in the first one's place.
    package init(_ pairs: some Sequence<(String, BSONValue)>) {
        for (key, value) in pairs { self[key] = value }
    }

    package init(_ json: JSONObject) {
        fields = json.map { Field(key: $0.key, value: BSONValue($0.value)) }
    }

    package var count: Int { fields.count }
    package var isEmpty: Bool { fields.isEmpty }
    package var keys: [String] { fields.map(\.key) }

    package func makeIterator() -> AnyIterator<(key: String, value: BSONValue)> {
        var rest = fields.makeIterator()
        return AnyIterator { rest.next().map { ($0.key, $0.value) } }
    }

    /// Setting nil removes the field; setting `.null` keeps it.
    package subscript(_ key: String) -> BSONValue? {
        get { fields.first { $0.key == key }?.value }
        set {
            let place = fields.firstIndex { $0.key == key }
            switch (place, newValue) {
            case (let place?, let value?): fields[place].value = value
            case (let place?, nil): fields.remove(at: place)
            case (nil, let value?): append(value, for: key)
            case (nil, nil): break
            }
        }
    }

    /// For a key that is known to be new.
    mutating func append(_ value: BSONValue, for key: String) {
        fields.append(Field(key: key, value: value))
    }
}

extension BSONDocument: ExpressibleByDictionaryLiteral {
    package init(dictionaryLiteral elements: (String, BSONValue)...) { self.init(elements) }
}
