import Synchronization

/// Work under way whose result others wait for instead of doing the same once more.
final class SharedWork<Key: Hashable & Sendable, Value: Sendable>: Sendable {
    private let waiting = Mutex<[Key: [CheckedContinuation<Value?, Never>]]>([:])

    /// Does the work, or waits for whoever is doing it. If that one fails each who waited does the work alone: the
    /// failure may have been the other's own.
    func run(_ key: Key, _ work: () async throws -> Value) async throws -> Value {
        let isFirst = waiting.withLock { waiting in
            guard waiting[key] == nil else { return false }
            waiting[key] = []
            return true
        }
        guard isFirst else { return if let value = await other(key) { value } else { try await work() } }
        var value: Value?
        defer {
            for continuation in waiting.withLock({ $0.removeValue(forKey: key) }) ?? [] {
                continuation.resume(returning: value)
            }
        }
        let result = try await work()
        value = result
        return result
    }

    /// - Returns: nil when the other failed, or had just ended.
    private func other(_ key: Key) async -> Value? {
        await withCheckedContinuation { continuation in
            let isLate = waiting.withLock { waiting in
                waiting[key]?.append(continuation) == nil
            }
            if isLate { continuation.resume(returning: nil) }
        }
    }
}
