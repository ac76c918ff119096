import Synchronization

/// The jobs that a runner has in hand.
final class RunningJobs: Sendable {
    private struct State {
        var jobs: [String: Job] = [:]
        var isStopping = false
        var isFinished = false
    }

    private let state = Mutex(State())
    let tick = Signal()

    var jobs: [Job] { state.withLock { Array($0.jobs.values) } }
    var isStopping: Bool { state.withLock { $0.isStopping } }
    var isFinished: Bool { state.withLock { $0.isFinished } }

    var places: JobPlaces {
        state.withLock { state in
            state.jobs.values.reduce(into: JobPlaces()) { $0.take($1.kind.pool, $1.plan) }
        }
    }

    func insert(_ job: Job) { state.withLock { $0.jobs[job.id] = job } }
    func remove(_ job: Job) { state.withLock { $0.jobs[job.id] = nil } }
    func stop() { state.withLock { $0.isStopping = true } }

    func finish() {
        state.withLock { $0.isFinished = true }
        tick.raise()
    }
}
