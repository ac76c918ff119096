import CCurl
import Foundation
import Synchronization

/// The thread that drives a libcurl multi handle, and the way to it: callers leave word in the inbox and wake it.
final class FetchLoop: Sendable {
    private enum Command {
        case start(FetchTransfer)
        case cancel(FetchTransfer)
    }

    private struct Inbox {
        var commands: [Command] = []
        var isClosed = false
    }

    private static let isReady = curl_global_init(Int(CURL_GLOBAL_SSL)) == CURLE_OK

    private let inbox = Mutex(Inbox())
    // Written once; used by other threads only to wake the loop, which libcurl allows, and only while not closed.
    private nonisolated(unsafe) let multi: UnsafeMutableRawPointer

    /// - Parameter connections: see ``FetchDriver``.
    init(connections: Int) {
        guard Self.isReady, let multi = curl_multi_init() else { fatalError("libcurl can't be started") }
        self.multi = multi
        let thread = Thread { self.run(connections: connections) }
        thread.name = "fetch"
        thread.start()
    }

    /// The transfer's continuation is resumed in every case.
    func start(_ transfer: FetchTransfer) {
        if !post(.start(transfer)) { transfer.finish(.failure(.cancelled)) }
    }

    func cancel(_ transfer: FetchTransfer) {
        transfer.isCancelled.store(true, ordering: .releasing)
        _ = post(.cancel(transfer))
    }

    /// Ends all transfers and, soon after, the thread.
    func close() {
        inbox.withLock { inbox in
            guard !inbox.isClosed else { return }
            inbox.isClosed = true
            curl_multi_wakeup(multi)
        }
    }

    /// - Returns: `false` when closed. Waking under the lock keeps it from meeting a handle that is gone.
    private func post(_ command: Command) -> Bool {
        inbox.withLock { inbox in
            guard !inbox.isClosed else { return false }
            inbox.commands.append(command)
            curl_multi_wakeup(multi)
            return true
        }
    }

    private func run(connections: Int) {
        ignoreBrokenPipes()
        var driver = FetchDriver(multi: multi, connections: connections)
        while true {
            let (commands, isClosed) = inbox.withLock { inbox in
                defer { inbox.commands = [] }
                return (inbox.commands, inbox.isClosed)
            }
            for command in commands {
                switch command {
                case .start(let transfer): driver.start(transfer)
                case .cancel(let transfer): driver.cancel(transfer)
                }
            }
            if isClosed { return driver.close() }
            driver.turn()
        }
    }

    /// NOSIGNAL leaves SIGPIPE to us. Blocked on this thread it ends nothing, and the rest of the process keeps its say.
    private func ignoreBrokenPipes() {
        var signals = sigset_t()
        sigemptyset(&signals)
        sigaddset(&signals, SIGPIPE)
        pthread_sigmask(SIG_BLOCK, &signals, nil)
    }
}
