import CMongo
import Foundation

/// libmongoc's clients, made on first use, since looking up a `mongodb+srv` name blocks.
/// Unchecked: libmongoc's pool may be used by many threads at once; ours to guard is only its making and its end.
final class NativePool: @unchecked Sendable {
    let database: String
    private let uri: OpaquePointer
    private let lock = NSLock()
    private var pool: OpaquePointer?

    private static let isLibraryReady: Void = mongoc_init()

    /// Fails sooner than libmongoc would by itself, where the URI doesn't say otherwise.
    private static let timeouts: [(option: String, milliseconds: Int32)] = [
        (MONGOC_URI_SERVERSELECTIONTIMEOUTMS, 2000),
        (MONGOC_URI_CONNECTTIMEOUTMS, 5000),
        (MONGOC_URI_SOCKETTIMEOUTMS, 10000),
    ]

    /// - Throws: `.invalidURI`.
    init(uri text: String, defaultDatabase: String) throws(MongoError) {
        Self.isLibraryReady
        var error = bson_error_t()
        guard !text.utf8.contains(0), let uri = mongoc_uri_new_with_error(text, &error) else {
            // The library's words may quote the URI, and with it a password.
            throw MongoError(.invalidURI, "not a MongoDB connection string")
        }
        for (option, milliseconds) in Self.timeouts where !mongoc_uri_has_option(uri, option) {
            mongoc_uri_set_option_as_int32(uri, option, milliseconds)
        }
        if !mongoc_uri_has_option(uri, MONGOC_URI_W), !mongoc_uri_has_option(uri, MONGOC_URI_JOURNAL) {
            // What counts as copied has to outlive a crash of the server, also where the server's own default is less.
            // Set as options of the URI they would be ignored: the library reads those when it parses the text.
            let concern = mongoc_write_concern_new()
            defer { mongoc_write_concern_destroy(concern) }
            mongoc_write_concern_set_wmajority(concern, 0)
            mongoc_write_concern_set_journal(concern, true)
            mongoc_uri_set_write_concern(uri, concern)
        }
        if mongoc_uri_get_appname(uri) == nil { mongoc_uri_set_appname(uri, "vestibule") }
        self.uri = uri
        database = mongoc_uri_get_database(uri).map { String(cString: $0) } ?? defaultDatabase
    }

    deinit {
        shutDown()
        mongoc_uri_destroy(uri)
    }

    /// Lends a client to `body`; waits while all that the pool may have are lent.
    func withClient<Value>(_ body: (OpaquePointer) throws(MongoError) -> Value) throws(MongoError) -> Value {
        let pool = try connected()
        guard let client = mongoc_client_pool_pop(pool) else {
            throw MongoError(.unavailable, "no free connection")
        }
        defer { mongoc_client_pool_push(pool, client) }
        return try body(client)
    }

    /// Closes all connections; nothing may be lent then.
    func shutDown() {
        lock.withLock {
            if let pool { mongoc_client_pool_destroy(pool) }
            pool = nil
        }
    }

    private func connected() throws(MongoError) -> OpaquePointer {
        lock.lock()
        defer { lock.unlock() }
        if let pool { return pool }
        var error = bson_error_t()
        guard let pool = mongoc_client_pool_new_with_error(uri, &error) else {
            throw MongoError(.unavailable, MongoError(error, isWrite: false).message)
        }
        mongoc_client_pool_set_error_api(pool, MONGOC_ERROR_API_VERSION_2)
        self.pool = pool
        return pool
    }
}
