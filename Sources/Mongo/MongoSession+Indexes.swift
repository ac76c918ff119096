import CMongo

extension MongoSession {
    func ensureIndexes(_ indexes: [MongoIndex], on collection: String) throws(MongoError) {
        let existing = try withCollection(collection) { collection throws(MongoError) in
            try documents(of: mongoc_collection_find_indexes_with_opts(collection, nil))
        }
        for index in indexes {
            guard let present = existing.first(where: { $0.isForm(of: index) }) else {
                // An index that another process has made meanwhile is no error, unless it differs.
                try command(
                    ["createIndexes": .string(collection), "indexes": [.document(index.specification)]], isWrite: true)
                continue
            }
            try adjustExpiry(of: present, to: index, on: collection)
        }
    }

    private func adjustExpiry(
        of present: BSONDocument, to index: MongoIndex, on collection: String
    ) throws(MongoError) {
        let expiry = present["expireAfterSeconds"]?.integer
        let wanted = index.expireAfterSeconds.map(Int64.init)
        guard expiry != wanted, let name = present["name"] else { return }
        guard let wanted else {
            throw MongoError(
                .command(code: 85), "index \(index.name) of \(collection) expires documents: drop it first")
        }
        try command(
            ["collMod": .string(collection), "index": ["name": name, "expireAfterSeconds": .integer(wanted)]],
            isWrite: true)
    }
}

extension BSONDocument {
    /// Whether this description of an index, whatever its name, does what `index` should, but for the time to live.
    fileprivate func isForm(of index: MongoIndex) -> Bool {
        guard let keys = self["key"]?.document, (self["unique"]?.bool ?? false) == index.unique,
            self["partialFilterExpression"] == nil, self["sparse"]?.bool != true
        else { return false }
        return keys.elementsEqual(index.keyDocument) { $0.key == $1.key && $0.value.integer == $1.value.integer }
    }
}
