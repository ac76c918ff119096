import CMongo

/// A document on its way: what the filter needs, and its bytes.
private struct Upsert {
    let index: Int
    let id: BSONValue
    let revision: Int64
    let bytes: [UInt8]

    /// Servers take documents of up to 16 MiB.
    private static let maxBytes = 16 << 20

    init(_ document: BSONDocument, index: Int) throws(MongoError) {
        guard let id = document["_id"], case .integer(let revision)? = document["revision"] else {
            throw MongoError(.invalidDocument, "a document without `_id` and whole `revision`")
        }
        guard !document.contains(where: { $0.key.hasPrefix("$") }) else {
            throw MongoError(.invalidDocument, "a field whose name starts with $")
        }
        self.index = index
        self.id = id
        self.revision = revision
        bytes = try BSONWriter.bytes(of: document)
        guard bytes.count <= Self.maxBytes else { throw MongoError(.invalidDocument, "larger than 16 MiB") }
    }

    func failure(_ code: Int, _ message: String) -> MongoWriteFailure {
        MongoWriteFailure(index: index, code: code, message: message)
    }
}

extension MongoSession {
    /// How often two writers of one new document may get in each other's way.
    private static let attempts = 3
    private static let duplicateKey = 11000
    /// What a server says of a whole batch because of one document that it can't take.
    private static let documentFaults: Set<Int> = [2, 9, 14, 15, 22, 10334]

    func upsertNewest(
        _ documents: [BSONDocument], into collection: String
    ) throws(MongoError) -> [MongoWriteFailure] {
        var failures: [MongoWriteFailure] = []
        var pending: [Upsert] = []
        for (index, document) in documents.enumerated() {
            do throws(MongoError) {
                pending.append(try Upsert(document, index: index))
            } catch {
                failures.append(
                    MongoWriteFailure(index: index, code: MongoWriteFailure.refused, message: error.message))
            }
        }
        for attempt in 1...Self.attempts where !pending.isEmpty {
            let refused = try writeApart(pending[...], into: collection)
            failures += refused.filter { $0.code != Self.duplicateKey }
            let duplicates = refused.filter { $0.code == Self.duplicateKey }
            pending = try settle(
                duplicates, of: pending, in: collection, isLast: attempt == Self.attempts, failures: &failures)
        }
        return failures.sorted { $0.index < $1.index }
    }

    /// A duplicate key mostly says that the filter passed over the stored document, which then is as new or newer, and all
    /// is well. It can also come from another unique index (a failure), or from a writer that was faster with an older
    /// revision: those are given back to be tried again.
    private func settle(
        _ duplicates: [MongoWriteFailure], of upserts: [Upsert], in collection: String, isLast: Bool,
        failures: inout [MongoWriteFailure]
    ) throws(MongoError) -> [Upsert] {
        guard !duplicates.isEmpty else { return [] }
        let places = Dictionary(upserts.map { ($0.index, $0) }, uniquingKeysWith: { first, _ in first })
        let ids = duplicates.compactMap { places[$0.index]?.id }
        let stored = try find(
            in: collection, filter: ["_id": ["$in": .array(ids)]], options: ["projection": ["revision": 1]])
        var revisions: [BSONValue: Int64] = [:]
        for document in stored {
            if let id = document["_id"] { revisions[id] = document["revision"]?.integer ?? .min }
        }
        var again: [Upsert] = []
        for duplicate in duplicates {
            guard let upsert = places[duplicate.index] else { continue }
            switch revisions[upsert.id] {
            case let revision? where revision >= upsert.revision: break
            case .some where !isLast: again.append(upsert)
            default: failures.append(duplicate)
            }
        }
        return again
    }

    /// Writes a batch, and should the server refuse it as a whole for what it holds, each half of it apart.
    private func writeApart(
        _ upserts: ArraySlice<Upsert>, into collection: String
    ) throws(MongoError) -> [MongoWriteFailure] {
        do throws(MongoError) {
            return try write(Array(upserts), into: collection)
        } catch {
            guard case .write(let code) = error.kind, Self.documentFaults.contains(code) else { throw error }
            if upserts.count == 1 { return upserts.map { $0.failure(code, error.message) } }
            let half = upserts.count / 2
            return try writeApart(upserts.prefix(half), into: collection)
                + writeApart(upserts.dropFirst(half), into: collection)
        }
    }

    /// Sends one unordered batch; gives back what the server refused.
    private func write(_ upserts: [Upsert], into collection: String) throws(MongoError) -> [MongoWriteFailure] {
        let unordered = try NativeBSON(["ordered": false])
        // Checked above; the library's own check would fail the whole batch for one document.
        let options = try NativeBSON(["upsert": true, "validate": false])
        return try withCollection(collection) { collection throws(MongoError) in
            let bulk = mongoc_collection_create_bulk_operation_with_opts(collection, unordered.pointer)
            defer { mongoc_bulk_operation_destroy(bulk) }
            var error = bson_error_t()
            for upsert in upserts {
                let filter = try NativeBSON(["_id": upsert.id, "revision": ["$lt": .integer(upsert.revision)]])
                let document = try NativeBSON(bytes: upsert.bytes)
                guard
                    mongoc_bulk_operation_replace_one_with_opts(
                        bulk, filter.pointer, document.pointer, options.pointer, &error)
                else { throw MongoError(error, isWrite: true) }
            }
            let reply = NativeReply()
            guard mongoc_bulk_operation_execute(bulk, reply.pointer, &error) == 0 else { return [] }
            return try refusals(in: try reply.document(), of: upserts, MongoError(error, isWrite: true))
        }
    }

    /// - Parameter error: what is thrown when the reply doesn't lay the failure on single documents.
    private func refusals(
        in reply: BSONDocument, of upserts: [Upsert], _ error: MongoError
    ) throws(MongoError) -> [MongoWriteFailure] {
        let refusals = reply["writeErrors"]?.array ?? []
        guard error.kind != .unavailable, !refusals.isEmpty, (reply["writeConcernErrors"]?.array ?? []).isEmpty else {
            throw error
        }
        var failures: [MongoWriteFailure] = []
        for refusal in refusals.compactMap(\.document) {
            guard let place = refusal["index"]?.integer, upserts.indices.contains(Int(place)) else { throw error }
            let code = Int(refusal["code"]?.integer ?? 0)
            let message = MongoError.tidy(refusal["errmsg"]?.string ?? "")
            if MongoError.isPassing(code: code) { throw MongoError(.unavailable, message) }
            failures.append(upserts[Int(place)].failure(code, message))
        }
        return failures
    }
}
