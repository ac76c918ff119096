import CCurl
import Foundation

/// The transfers of a multi handle: those under way and those waiting for their turn. Lives on the loop's thread.
///
/// libcurl could hold transfers back itself (MAX_TOTAL_CONNECTIONS), but 7.88 lets none of those it holds back time out
/// before another has ended. So the bound is kept here; at HTTP/1.1 a transfer under way is a connection in use.
struct FetchDriver {
    private let multi: UnsafeMutableRawPointer
    private let connections: Int
    private var active: [UnsafeMutableRawPointer: FetchTransfer] = [:]
    /// Oldest first.
    private var waiting: [FetchTransfer] = []

    /// - Parameter connections: the most in use at a time; as many idle ones are kept.
    init(multi: UnsafeMutableRawPointer, connections: Int) {
        self.multi = multi
        self.connections = max(1, connections)
        vestibule_curl_multi_set_long(multi, CURLMOPT_MAXCONNECTS, self.connections)
    }

    mutating func start(_ transfer: FetchTransfer) {
        // Cancelled before it was posted: then the word to cancel is already behind us.
        if transfer.isCancelled.load(ordering: .acquiring) { return transfer.finish(.failure(.cancelled)) }
        waiting.append(transfer)
    }

    mutating func cancel(_ transfer: FetchTransfer) {
        if active.removeValue(forKey: transfer.easy.pointer) != nil {
            end(transfer, .failure(.cancelled))
        } else if let index = waiting.firstIndex(where: { $0 === transfer }) {
            waiting.remove(at: index).finish(.failure(.cancelled))
        }
    }

    /// Does what there is to do, then sleeps until there is more or the loop is woken.
    mutating func turn() {
        admit()
        var running: Int32 = 0
        curl_multi_perform(multi, &running)
        // Who takes a place that was freed must be begun before the sleep.
        if collect(), !waiting.isEmpty { return }
        if curl_multi_poll(multi, nil, 0, sleep, nil) != CURLM_OK {
            // Out of memory or descriptors: give them time to come back instead of spinning.
            Thread.sleep(forTimeInterval: 0.05)
        }
    }

    /// Ends everything, the multi handle too.
    mutating func close() {
        for transfer in active.values { end(transfer, .failure(.cancelled)) }
        for transfer in waiting { transfer.finish(.failure(.cancelled)) }
        active = [:]
        waiting = []
        curl_multi_cleanup(multi)
    }

    private mutating func admit() {
        guard !waiting.isEmpty else { return }
        let now = ContinuousClock.now
        for transfer in waiting where transfer.deadline <= now {
            transfer.finish(.failure(.timedOut(requestSent: false)))
        }
        waiting.removeAll { $0.deadline <= now }
        let admitted = waiting.prefix(connections - active.count)
        waiting.removeFirst(admitted.count)
        for transfer in admitted {
            transfer.easy.set(CURLOPT_TIMEOUT_MS, (transfer.deadline - now).curlMilliseconds)
            if curl_multi_add_handle(multi, transfer.easy.pointer) == CURLM_OK {
                active[transfer.easy.pointer] = transfer
            } else {
                transfer.finish(.failure(.other("libcurl takes no further transfer")))
            }
        }
    }

    /// - Returns: whether any transfer ended.
    private mutating func collect() -> Bool {
        let before = active.count
        var left: Int32 = 0
        while let message = curl_multi_info_read(multi, &left)?.pointee {
            guard message.msg == CURLMSG_DONE, let easy = message.easy_handle,
                let transfer = active.removeValue(forKey: easy)
            else { continue }
            end(transfer, transfer.outcome(of: message.data.result))
        }
        return active.count < before
    }

    private func end(_ transfer: FetchTransfer, _ outcome: FetchTransfer.Outcome) {
        curl_multi_remove_handle(multi, transfer.easy.pointer)
        transfer.finish(outcome)
    }

    /// Milliseconds until somebody has waited too long; libcurl adds its own timers.
    private var sleep: Int32 {
        guard let first = waiting.map(\.deadline).min() else { return 60_000 }
        return Int32(clamping: min(60_000, (first - ContinuousClock.now).curlMilliseconds))
    }
}
