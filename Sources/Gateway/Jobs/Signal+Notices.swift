import Logging
import SQL

extension Signal {
    /// Raises it for each notice on the channel, for as long as the task runs. A poll has to find what it misses.
    /// - Parameters:
    ///   - others: raised with it: each that listens for itself costs every commit that notifies.
    ///   - words: for the log, where that can't be had.
    func raise(
        onNoticesOf channel: String, with others: [Signal] = [], in database: Database,
        otherwise words: Logger.Message, _ logger: Logger
    ) async {
        do {
            try await database.listen(to: channel) {
                self.raise()
                for other in others { other.raise() }
            }
        } catch {
            logger.warning(words, metadata: ["cause": "\(error.message)"])
        }
    }
}
