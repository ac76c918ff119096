import SQL

/// A message and what is said about it (a status, a reaction, an edit, a deletion) may be stored at the same moment by
/// two transactions, neither seeing what the other has not committed yet. Both take this lock first: the second one
/// waits, and finds the other's row. Where the message is known already, the lock of its room does that.
enum TargetLock {
    /// Few enough for a batch of any size to fit PostgreSQL's table of locks.
    private static let stripes: UInt64 = 256

    /// Call it when contacts are written and before the rooms are locked, once. Costs no round trip.
    /// - Parameters:
    ///   - arriving: messages that are stored, or get their id from WhatsApp, in this transaction. They don't wait for
    ///     each other.
    ///   - missed: what this transaction looked for in vain. Look again afterwards.
    static func take(
        arriving: some Sequence<MessageIdentity>, missed: some Sequence<MessageIdentity>, _ session: SQLSession
    ) throws {
        try session.lock(stripes(missed), shared: stripes(arriving))
    }

    private static func stripes(_ messages: some Sequence<MessageIdentity>) -> Set<Int64> {
        Set(messages.lazy.filter(\.hasWhatsAppID).map { Int64(hash($0) % stripes) })
    }

    /// FNV-1a: every process must come to the same number, which `Hasher` does not promise.
    private static func hash(_ message: MessageIdentity) -> UInt64 {
        "\(message.account.rawValue) \(message.key)".utf8.reduce(0xcbf2_9ce4_8422_2325) { hash, byte in
            (hash ^ UInt64(byte)) &* 0x100_0000_01b3
        }
    }
}
