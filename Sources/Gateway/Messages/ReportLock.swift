import SQL

/// A message of the business and Meta's report on it may be stored at the same moment by two gateways, neither seeing
/// what the other has not committed yet. Both take this lock first: the second one waits, and finds the other's row.
/// Where the message is known already, the lock of its room does that.
enum ReportLock {
    /// Few enough for a batch of any size to fit PostgreSQL's table of locks.
    private static let stripes: UInt64 = 256

    /// Call it before the rooms are locked.
    static func take(_ messages: some Sequence<MessageIdentity>, _ session: SQLSession) throws {
        try session.lock(Set(messages.map { Int64(hash($0) % stripes) }))
    }

    /// FNV-1a: every process must come to the same number, which `Hasher` does not promise.
    private static func hash(_ message: MessageIdentity) -> UInt64 {
        "\(message.account.rawValue) \(message.key)".utf8.reduce(0xcbf2_9ce4_8422_2325) { hash, byte in
            (hash ^ UInt64(byte)) &* 0x100_0000_01b3
        }
    }
}
