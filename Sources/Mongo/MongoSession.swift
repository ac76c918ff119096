import CMongo

/// One borrowed client and the blocking calls made with it. It never leaves the thread it was lent to.
struct MongoSession {
    let client: OpaquePointer
    let database: String

    @discardableResult
    func command(
        _ command: BSONDocument, on database: String? = nil, isWrite: Bool = false
    ) throws(MongoError) -> BSONDocument {
        let command = try NativeBSON(command)
        let reply = NativeReply()
        var error = bson_error_t()
        let database = database ?? self.database
        let succeeded =
            isWrite
            ? mongoc_client_write_command_with_opts(client, database, command.pointer, nil, reply.pointer, &error)
            : mongoc_client_command_simple(client, database, command.pointer, nil, reply.pointer, &error)
        guard succeeded else { throw MongoError(error, isWrite: isWrite) }
        return try reply.document()
    }

    func withCollection<Value>(
        _ name: String, _ body: (OpaquePointer) throws(MongoError) -> Value
    ) throws(MongoError) -> Value {
        guard let collection = mongoc_client_get_collection(client, database, name) else {
            throw MongoError(.unavailable, "no collection could be opened")
        }
        defer { mongoc_collection_destroy(collection) }
        return try body(collection)
    }

    func find(
        in collection: String, filter: BSONDocument, options: BSONDocument
    ) throws(MongoError) -> [BSONDocument] {
        let filter = try NativeBSON(filter)
        let options = try NativeBSON(options)
        return try withCollection(collection) { collection throws(MongoError) in
            try documents(of: mongoc_collection_find_with_opts(collection, filter.pointer, options.pointer, nil))
        }
    }

    func delete(ids: [String], from collection: String) throws(MongoError) -> Int {
        var deleted = 0
        var rest = ids[...]
        while !rest.isEmpty {
            let chunk = rest.prefix(1000)
            rest = rest.dropFirst(1000)
            let filter = try NativeBSON(["_id": ["$in": .array(chunk.map { .string($0) })]])
            deleted += try withCollection(collection) { collection throws(MongoError) in
                let reply = NativeReply()
                var error = bson_error_t()
                guard mongoc_collection_delete_many(collection, filter.pointer, nil, reply.pointer, &error) else {
                    throw MongoError(error, isWrite: true)
                }
                return Int(try reply.document()["deletedCount"]?.integer ?? 0)
            }
        }
        return deleted
    }

    func count(in collection: String, filter: BSONDocument) throws(MongoError) -> Int {
        let filter = try NativeBSON(filter)
        return try withCollection(collection) { collection throws(MongoError) in
            var error = bson_error_t()
            let count = mongoc_collection_count_documents(collection, filter.pointer, nil, nil, nil, &error)
            guard count >= 0 else { throw MongoError(error, isWrite: false) }
            return Int(count)
        }
    }

    /// All that a cursor has to give; ends the cursor.
    func documents(of cursor: OpaquePointer?) throws(MongoError) -> [BSONDocument] {
        defer { mongoc_cursor_destroy(cursor) }
        var documents: [BSONDocument] = []
        var next: OpaquePointer?
        while mongoc_cursor_next(cursor, &next), let document = next {
            documents.append(try NativeBSON.document(at: document))
        }
        var error = bson_error_t()
        if mongoc_cursor_error(cursor, &error) { throw MongoError(error, isWrite: false) }
        return documents
    }
}
