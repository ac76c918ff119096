/// How long a call to a LiveKit server may take, and how often it is tried.
package struct ServerTiming: Sendable {
    package var connect = Duration.seconds(3)
    /// More than the three seconds after which the server says that nobody is in a room.
    package var request = Duration.seconds(8)
    /// All attempts and the pauses between them.
    package var total = Duration.seconds(15)
    package var attempts = 3
    /// Before the second attempt; twice as long before the third.
    package var firstPause = Duration.milliseconds(200)

    package init() {}

    /// With up to half as much again, so that callers who failed together don't return together.
    func pause(after attempt: Int) -> Duration {
        firstPause * (1 << min(attempt - 1, 10)) * Double.random(in: 1...1.5)
    }
}
