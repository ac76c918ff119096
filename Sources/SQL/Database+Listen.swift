extension Database {
    /// Calls `heard` whenever a transaction that notified `channel` was committed, by whatever process, and after each
    /// connect, since nothing tells what was missed before. Runs until its task is cancelled; a lost connection is made
    /// again. On SQLite only transactions of this process are heard, and of those only `SQLSession.notify`.
    /// - Parameter channel: lower-case letters and `_`.
    package func listen(to channel: String, heard: @escaping @Sendable () -> Void) async throws(SQLError) {
        guard let connector else {
            await localNotices?.listen(to: channel, heard: heard)
            return
        }
        let interrupt = try Interrupt()
        await withTaskCancellationHandler {
            await PostgresListener(connector: connector, channel: channel).run(until: interrupt, heard: heard)
        } onCancel: {
            interrupt.raise()
        }
    }
}
