extension Database {
    /// Calls `heard` whenever a transaction that notified `channel` was committed, by whatever process, and after each
    /// connect, since nothing tells what was missed before. It may be called once for several, and without need. Runs
    /// until its task is cancelled; a lost connection is made again. On SQLite only transactions of this process are
    /// heard, and of those only `SQLSession.notify`.
    /// - Parameter channel: lower-case letters and `_`.
    package func listen(to channel: String, heard: @escaping @Sendable () -> Void) async throws(SQLError) {
        guard let connector else {
            let number = notices.add(channel, heard: heard)
            defer { notices.remove(number) }
            heard()
            // Only the cancellation ends it.
            while !Task.isCancelled { try? await Task.sleep(for: .seconds(3600)) }
            return
        }
        let interrupt = try Interrupt()
        let number = notices.add(channel, heard: heard, relay: interrupt.ring)
        defer { notices.remove(number) }
        let listener = PostgresListener(connector: connector, channel: channel) { [notices] isConnected in
            notices.setRelaying(isConnected, number)
        }
        await withTaskCancellationHandler {
            await listener.run(until: interrupt, heard: heard)
        } onCancel: {
            interrupt.raise()
        }
    }
}
