import Foundation
import Logging

/// Open files: each connection takes one, and the usual limit of 1024 is soon reached.
enum FileLimit {
    /// Raises the soft limit to the hard one.
    static func raise(_ logger: Logger) {
        var limit = rlimit()
        guard getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0, limit.rlim_cur < limit.rlim_max
        else { return }
        limit.rlim_cur = limit.rlim_max
        if setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) != 0 {
            logger.warning("the limit of open files could not be raised", metadata: ["limit": "\(limit.rlim_cur)"])
        }
    }
}
