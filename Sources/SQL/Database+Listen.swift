extension Database {
    /// Calls `heard` whenever a transaction that notified `channel` was committed, by whatever process, and after each
    /// connect, since nothing tells what was missed before. Runs until its task is cancelled; a lost connection is made
    /// again. On SQLite, which one process has for itself, it only waits for the cancellation.
    /// - Parameter channel: lower-case letters and `_`.
    package func listen(to channel: String, heard: @escaping @Sendable () -> Void) async throws(SQLError) {
        guard let connector else {
            // Only the cancellation ends it.
            while !Task.isCancelled { try? await Task.sleep(for: .seconds(3600)) }
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
