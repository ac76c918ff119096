import CMongo

/// A document in libbson's hands, for a call that takes one.
struct NativeBSON: ~Copyable {
    let pointer: OpaquePointer

    /// - Throws: `.invalidDocument`.
    init(_ document: BSONDocument) throws(MongoError) {
        try self.init(bytes: try BSONWriter.bytes(of: document))
    }

    /// - Throws: `.invalidDocument` when it is larger than libbson takes.
    init(bytes: [UInt8]) throws(MongoError) {
        guard let pointer = bson_new_from_data(bytes, bytes.count) else {
            throw MongoError(.invalidDocument, "too large")
        }
        self.pointer = pointer
    }

    deinit { bson_destroy(pointer) }

    /// - Throws: `.invalidDocument`.
    static func document(at pointer: OpaquePointer) throws(MongoError) -> BSONDocument {
        let bytes = UnsafeRawBufferPointer(start: bson_get_data(pointer), count: vestibule_bson_length(pointer))
        return try BSONReader.document(in: bytes)
    }
}

/// The room for a server's reply. It can't come from `bson_new`, since the calls that fill it initialise it once more.
struct NativeReply: ~Copyable {
    private let memory: UnsafeMutableRawPointer
    var pointer: OpaquePointer { OpaquePointer(memory) }

    init() {
        memory = .allocate(byteCount: vestibule_bson_size(), alignment: vestibule_bson_alignment())
        bson_init(OpaquePointer(memory))
    }

    deinit {
        bson_destroy(OpaquePointer(memory))
        memory.deallocate()
    }

    /// - Throws: `.invalidDocument`.
    func document() throws(MongoError) -> BSONDocument { try NativeBSON.document(at: pointer) }
}
