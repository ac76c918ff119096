import CMongo
import Dispatch
import Logging
import Synchronization

/// Collections of one MongoDB database over libmongoc, whose blocking calls run on threads of their own. Cancelling a
/// task doesn't stop a call that has begun: the URI's timeouts bound it (2 s to find a server, 5 s to connect, 10 s for
/// an answer, unless it sets others).
package final class MongoClient: Sendable {
    /// How many calls may wait for a thread; more are refused as `.unavailable`.
    private static let maxWaiting = 1000

    private let pool: NativePool
    private let threads: WorkerThreads

    /// Connects on first use only.
    /// - Parameter defaultDatabase: taken when the URI's path names none.
    /// - Throws: `.invalidURI`.
    package init(
        uri: String, defaultDatabase: String = "vestibule", threads: Int = 2, logger: Logger
    ) throws(MongoError) {
        LibraryLog.route(to: logger)
        pool = try NativePool(uri: uri, defaultDatabase: defaultDatabase)
        self.threads = WorkerThreads(name: "mongodb", count: max(1, threads), limit: Self.maxWaiting)
    }

    package var database: String { pool.database }

    /// How long the server takes to answer, waiting for a thread included.
    /// - Parameter limit: after this long it is given up, and the call ends by itself later.
    package func ping(within limit: Duration? = nil) async throws(MongoError) -> Duration {
        let start = ContinuousClock.now
        try await run(within: limit) { session throws(MongoError) in _ = try session.command(["ping": 1]) }
        return start.duration(to: .now)
    }

    /// Makes the indexes that are missing. One that does the same under another name is fine; where only the time to
    /// live differs it is changed.
    /// - Throws: `.command` or `.write` with code 85 or 86 when an index stands there that can't be changed.
    package func ensureIndexes(_ indexes: [MongoIndex], on collection: String) async throws(MongoError) {
        try await run { session throws(MongoError) in try session.ensureIndexes(indexes, on: collection) }
    }

    /// Upserts by `_id`; a stored document whose `revision` is equal or newer stays. Unordered: a document that can't be
    /// written doesn't stop the rest. Doing it again does no harm.
    /// - Returns: a failure for each document that will not be written however often it is tried, in their order.
    package func upsertNewest(
        _ documents: [BSONDocument], into collection: String
    ) async throws(MongoError) -> [MongoWriteFailure] {
        guard !documents.isEmpty else { return [] }
        return try await run { session throws(MongoError) in try session.upsertNewest(documents, into: collection) }
    }

    /// - Parameters:
    ///   - limit: 0 for no limit; what is found is held in memory.
    ///   - projection: the fields to give back, `["revision": 1]`; empty for all.
    package func find(
        in collection: String, filter: BSONDocument, sort: BSONDocument = [:], limit: Int = 0,
        projection: BSONDocument = [:]
    ) async throws(MongoError) -> [BSONDocument] {
        var options: BSONDocument = [:]
        if !sort.isEmpty { options["sort"] = .document(sort) }
        if limit > 0 { options["limit"] = .integer(Int64(limit)) }
        if !projection.isEmpty { options["projection"] = .document(projection) }
        return try await run { [options] session throws(MongoError) in
            try session.find(in: collection, filter: filter, options: options)
        }
    }

    /// - Returns: how many there were.
    package func delete(ids: [String], from collection: String) async throws(MongoError) -> Int {
        try await run { session throws(MongoError) in try session.delete(ids: ids, from: collection) }
    }

    package func count(in collection: String, filter: BSONDocument = [:]) async throws(MongoError) -> Int {
        try await run { session throws(MongoError) in try session.count(in: collection, filter: filter) }
    }

    /// Waits for the calls that were taken, then closes the connections. Later calls are `.unavailable`.
    package func close() async {
        await threads.finish()
        pool.shutDown()
    }

    func run<Value: Sendable>(
        within limit: Duration? = nil, _ body: @escaping @Sendable (MongoSession) throws(MongoError) -> Value
    ) async throws(MongoError) -> Value {
        let result: Result<Value, MongoError> = await withCheckedContinuation { continuation in
            let answer = FirstAnswer(continuation)
            let isTaken = threads.submit { [pool] in
                answer.give(
                    Result { () throws(MongoError) in
                        try pool.withClient { client throws(MongoError) in
                            try body(MongoSession(client: client, database: pool.database))
                        }
                    })
            }
            if !isTaken { answer.give(.failure(MongoError(.unavailable, "closed, or too many calls are waiting"))) }
            if let limit {
                DispatchQueue.global().asyncAfter(deadline: .now() + limit / .seconds(1)) {
                    answer.give(.failure(MongoError(.unavailable, "MongoDB didn't answer within \(limit)")))
                }
            }
        }
        return try result.get()
    }
}

/// Lets the first of several results through.
private final class FirstAnswer<Value: Sendable>: Sendable {
    private let waiting: Mutex<CheckedContinuation<Result<Value, MongoError>, Never>?>

    init(_ continuation: CheckedContinuation<Result<Value, MongoError>, Never>) { waiting = Mutex(continuation) }

    func give(_ result: Result<Value, MongoError>) {
        waiting.withLock { $0.take() }?.resume(returning: result)
    }
}
