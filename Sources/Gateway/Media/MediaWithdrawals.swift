import Synchronization

/// Tells whoever keeps copies of stored files in this process which of them are served no more.
package final class MediaWithdrawals: Sendable {
    private let followers = Mutex<[@Sendable ([String]) -> Void]>([])

    /// - Parameter follower: is given names of files and of what was made of them; lasts as long as the store.
    package func follow(_ follower: @escaping @Sendable ([String]) -> Void) {
        followers.withLock { $0.append(follower) }
    }

    /// To be told when the rows are gone and before the bytes are.
    func tell(_ names: [String]) {
        let all = names.flatMap { Rendition.names(of: $0) + [$0] }
        for follower in followers.withLock(\.self) { follower(all) }
    }
}
