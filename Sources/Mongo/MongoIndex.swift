/// An index as it should be.
package struct MongoIndex: Sendable {
    package let name: String
    /// Fields in their order, 1 ascending or -1 descending.
    package let keys: [(String, Int)]
    package var unique: Bool
    /// Documents go away this long after the date in the index's only field.
    package var expireAfterSeconds: Int?

    package init(name: String, keys: [(String, Int)], unique: Bool = false, expireAfterSeconds: Int? = nil) {
        self.name = name
        self.keys = keys
        self.unique = unique
        self.expireAfterSeconds = expireAfterSeconds
    }

    var keyDocument: BSONDocument { BSONDocument(keys.map { ($0.0, .integer(Int64($0.1))) }) }

    /// The form in which `createIndexes` takes it.
    var specification: BSONDocument {
        var document: BSONDocument = ["key": .document(keyDocument), "name": .string(name)]
        if unique { document["unique"] = true }
        if let expireAfterSeconds { document["expireAfterSeconds"] = .integer(Int64(expireAfterSeconds)) }
        return document
    }
}
