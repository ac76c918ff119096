import Synchronization

/// LiveKit's native library, run by a process of its own, which is begun when the first room is joined and again after it
/// has crashed.
package actor ParticipantLibrary {
    private let command: [String]
    private var current: NativeProcess?
    private var starting: Task<Result<NativeProcess, ParticipantError>, Never>?
    private var failures = 0
    private var nextStart = ContinuousClock.now

    private static let longestPause = 60

    /// - Parameter command: begins that process.
    package init(command: [String]) { self.command = command }

    /// Begins the process if there is none.
    /// - Throws: `noLibrary`, also for a while after it ended by itself.
    package func open() async throws(ParticipantError) { _ = try await process() }

    func process() async throws(ParticipantError) -> NativeProcess {
        if let current, !current.events.isOver { return current }
        if let starting { return try await starting.value.get() }
        guard ContinuousClock.now >= nextStart else { throw .noLibrary("it ended a moment ago") }
        // Shared by all who wait for it, so it is no one's own; it ends within the time that a start may take.
        let task = Task { [command] () -> Result<NativeProcess, ParticipantError> in
            do throws(ParticipantError) {
                return .success(try await NativeProcess.start(command))
            } catch {
                return .failure(error)
            }
        }
        starting = task
        let outcome = await task.value
        starting = nil
        // One that crashes again and again is begun ever more seldom.
        failures = ContinuousClock.now - nextStart > .seconds(10 * Self.longestPause) ? 0 : failures + 1
        nextStart = .now + .seconds(min(Self.longestPause, 1 << min(failures, 6)))
        current = try? outcome.get()
        return try outcome.get()
    }

    /// Ends the process, after the rooms were left.
    package func close() {
        current?.close()
        current = nil
    }
}
