import Logging
import Mongo

/// Whether MongoDB, where one is set, can be reached.
struct MongoCheck: Sendable {
    let uri: String?
    let logger: Logger

    func finding() async -> Finding {
        guard let uri else { return .ok("mongodb", "not set: messages are kept in SQL only") }
        do {
            let client = try MongoClient(uri: uri, logger: logger)
            do {
                let time = try await client.ping()
                let milliseconds = (time / .milliseconds(1) * 10).rounded() / 10
                await client.close()
                return .ok("mongodb", "database \(client.database), \(milliseconds) ms")
            } catch {
                await client.close()
                return broken(error)
            }
        } catch {
            return broken(error)
        }
    }

    private func broken(_ error: MongoError) -> Finding {
        .fail(
            "mongodb", error.message, mend: "check MONGODB_URI and that the server runs; messages wait for it meanwhile"
        )
    }
}
