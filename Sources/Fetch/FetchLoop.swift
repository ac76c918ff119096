import CCurl
import Foundation
import Synchronization

/// A libcurl multi handle and the thread that drives it. Whatever touches the handle happens on that thread; callers
/// leave word in the inbox and wake it.
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

    /// - Parameter connections: the most at a time; further transfers wait for one to end. As many idle ones are kept.
    init(connections: Int) {
        guard Self.isReady, let multi = curl_multi_init() else { fatalError("libcurl can't be started") }
        self.multi = multi
        vestibule_curl_multi_set_long(multi, CURLMOPT_MAX_TOTAL_CONNECTIONS, connections)
        vestibule_curl_multi_set_long(multi, CURLMOPT_MAXCONNECTS, connections)
        let thread = Thread { self.run() }
        thread.name = "fetch"
        thread.start()
    }

    /// The transfer's continuation is resumed in every case.
    func start(_ transfer: FetchTransfer) {
        if !post(.start(transfer)) { finish(transfer, .failure(.cancelled)) }
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

    // MARK: On the thread

    private func run() {
        ignoreBrokenPipes()
        var active: [UnsafeMutableRawPointer: FetchTransfer] = [:]
        while true {
            let (commands, isClosed) = inbox.withLock { inbox in
                defer { inbox.commands = [] }
                return (inbox.commands, inbox.isClosed)
            }
            for command in commands { carryOut(command, &active) }
            if isClosed { break }
            var running: Int32 = 0
            curl_multi_perform(multi, &running)
            collect(&active)
            if curl_multi_poll(multi, nil, 0, 60_000, nil) != CURLM_OK {
                // Out of memory or descriptors: give them time to come back instead of spinning.
                Thread.sleep(forTimeInterval: 0.05)
            }
        }
        for transfer in active.values { end(transfer, .failure(.cancelled)) }
        curl_multi_cleanup(multi)
    }

    private func carryOut(_ command: Command, _ active: inout [UnsafeMutableRawPointer: FetchTransfer]) {
        switch command {
        case .start(let transfer):
            // Cancelled before it was posted: then the word to cancel is already behind us.
            if transfer.isCancelled.load(ordering: .acquiring) {
                finish(transfer, .failure(.cancelled))
            } else if curl_multi_add_handle(multi, transfer.easy.pointer) == CURLM_OK {
                active[transfer.easy.pointer] = transfer
            } else {
                finish(transfer, .failure(.other("libcurl takes no further transfer")))
            }
        case .cancel(let transfer):
            guard active.removeValue(forKey: transfer.easy.pointer) != nil else { return }
            end(transfer, .failure(.cancelled))
        }
    }

    private func collect(_ active: inout [UnsafeMutableRawPointer: FetchTransfer]) {
        var left: Int32 = 0
        while let message = curl_multi_info_read(multi, &left)?.pointee {
            guard message.msg == CURLMSG_DONE, let easy = message.easy_handle,
                let transfer = active.removeValue(forKey: easy)
            else { continue }
            end(transfer, transfer.outcome(of: message.data.result))
        }
    }

    private func end(_ transfer: FetchTransfer, _ outcome: FetchTransfer.Outcome) {
        curl_multi_remove_handle(multi, transfer.easy.pointer)
        finish(transfer, outcome)
    }

    private func finish(_ transfer: FetchTransfer, _ outcome: FetchTransfer.Outcome) {
        let continuation = transfer.continuation
        transfer.continuation = nil
        continuation?.resume(returning: outcome)
    }

    /// NOSIGNAL leaves SIGPIPE to us. Blocked on this thread it ends nothing, and the rest of the process keeps its say.
    private func ignoreBrokenPipes() {
        var signals = sigset_t()
        sigemptyset(&signals)
        sigaddset(&signals, SIGPIPE)
        pthread_sigmask(SIG_BLOCK, &signals, nil)
    }
}
