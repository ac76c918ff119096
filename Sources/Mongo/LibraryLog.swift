import CMongo
import Logging
import Synchronization

/// Sends what libmongoc has to say, which would go to the standard output, to a logger. The library knows one log for
/// the whole process, so the latest client's logger has it.
enum LibraryLog {
    private static let logger = Mutex<Logger?>(nil)

    static func route(to newLogger: Logger) {
        logger.withLock { $0 = newLogger }
        let handler: mongoc_log_func_t = { level, domain, message, _ in
            LibraryLog.write(
                level, domain: domain.map { String(cString: $0) } ?? "",
                message: message.map { String(cString: $0) } ?? "")
        }
        mongoc_log_set_handler(handler, nil)
    }

    private static func write(_ level: mongoc_log_level_t, domain: String, message: String) {
        // Traces hold whole documents.
        guard level != MONGOC_LOG_LEVEL_TRACE, let logger = logger.withLock({ $0 }) else { return }
        let isGrave = level.rawValue <= MONGOC_LOG_LEVEL_WARNING.rawValue
        logger.log(
            level: isGrave ? .warning : .debug, "mongodb library",
            metadata: ["mongodb.domain": "\(domain)", "mongodb.message": "\(MongoError.tidy(message))"])
    }
}
