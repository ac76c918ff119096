import CPostgres
import Foundation

/// One libpq connection in non-blocking mode: every exchange has a deadline, whatever the network does.
final class PostgresWire {
    let pointer: OpaquePointer
    private(set) var isBroken = false
    private(set) var isOverdue = false

    init(_ pointer: OpaquePointer) { self.pointer = pointer }

    deinit { PQfinish(pointer) }

    var transactionStatus: PGTransactionStatusType { PQtransactionStatus(pointer) }

    /// An idle connection has nothing to read; a server that went away has said so, or closed the socket.
    func isAlive() -> Bool {
        var descriptor = pollfd(fd: PQsocket(pointer), events: Int16(POLLIN), revents: 0)
        guard !isBroken, descriptor.fd >= 0 else { return false }
        guard poll(&descriptor, 1, 0) > 0 else { return true }
        guard PQconsumeInput(pointer) == 1, PQstatus(pointer) == CONNECTION_OK else { return false }
        // What libpq read may be the server's farewell with the end of the stream behind it.
        descriptor.revents = 0
        return poll(&descriptor, 1, 0) == 0
    }

    /// Sends a part of a pipeline by `part` (which gives libpq's 1 or 0). The server may begin with it at once.
    func send(_ part: (OpaquePointer) -> Int32) throws(SQLError) {
        if PQpipelineStatus(pointer) == PQ_PIPELINE_OFF, PQenterPipelineMode(pointer) != 1 { throw lost() }
        guard part(pointer) == 1 else { throw lost() }
    }

    /// Ends a pipeline of `count` parts and hands each part's result to `take`, up to the first that failed: the
    /// server skips those behind it.
    /// - Returns: what the server says failed, and which part that was.
    func settle(
        _ count: Int, until deadline: ContinuousClock.Instant, _ take: (Int, borrowing PostgresResult) -> Void
    ) throws(SQLError) -> (part: Int, error: SQLError)? {
        guard PQpipelineSync(pointer) == 1 else { throw lost() }
        try flush(until: deadline)
        var failure: (part: Int, error: SQLError)?
        for part in 0..<count {
            while let result = try next(until: deadline) {
                switch result.status {
                case PGRES_COMMAND_OK, PGRES_TUPLES_OK, PGRES_EMPTY_QUERY:
                    take(part, result)
                case PGRES_FATAL_ERROR:
                    // Without a state these are libpq's own words on a connection that was lost.
                    guard !PostgresErrors.state(result.pointer).isEmpty else { throw failure?.error ?? lost() }
                    failure = failure ?? (part, error(result))
                case PGRES_PIPELINE_ABORTED:
                    break
                default:
                    throw unsupported()
                }
            }
            if let failure, isBroken { return failure }
        }
        guard let end = try next(until: deadline), end.status == PGRES_PIPELINE_SYNC, PQexitPipelineMode(pointer) == 1
        else { throw lost() }
        return failure
    }

    /// Sends by `send` (which gives libpq's 1 or 0) and reads all results; gives the last one.
    func exchange(
        until deadline: ContinuousClock.Instant, _ send: (OpaquePointer) -> Int32
    ) throws(SQLError) -> PostgresResult {
        guard send(pointer) == 1 else { throw lost() }
        try flush(until: deadline)
        var last: PostgresResult?
        var failure: SQLError?
        while let result = try next(until: deadline) {
            switch result.status {
            case PGRES_COMMAND_OK, PGRES_TUPLES_OK, PGRES_EMPTY_QUERY:
                break
            case PGRES_FATAL_ERROR:
                failure = failure ?? error(result)
            default:
                throw unsupported()
            }
            last = consume result
        }
        if PQstatus(pointer) != CONNECTION_OK { isBroken = true }
        if let failure { throw failure }
        guard let last else { throw lost() }
        return last
    }

    func abandon() { isBroken = true }

    /// Waits, without a limit however long, until the server has said something, and takes it in.
    func waitForInput(or interrupt: Interrupt, atMost limit: Duration? = nil) throws(SQLError) {
        var descriptors = [
            pollfd(fd: PQsocket(pointer), events: Int16(POLLIN), revents: 0),
            pollfd(fd: interrupt.descriptor, events: Int16(POLLIN), revents: 0),
        ]
        guard descriptors[0].fd >= 0 else { throw lost() }
        let timeout = limit.map { Int32(clamping: $0.milliseconds) } ?? -1
        guard poll(&descriptors, 2, timeout) >= 0 || errno == EINTR else { throw lost() }
        guard descriptors[0].revents != 0 else { return }
        guard PQconsumeInput(pointer) == 1, PQstatus(pointer) == CONNECTION_OK else { throw lost() }
    }

    private func error(_ result: borrowing PostgresResult) -> SQLError {
        if PostgresErrors.isConnectionLoss(PostgresErrors.state(result.pointer)) { isBroken = true }
        return PostgresErrors.error(result.pointer)
    }

    private func unsupported() -> SQLError {
        isBroken = true
        return SQLError(.invalid(sqlState: "0A000"), "COPY isn't supported", isPassing: false)
    }

    private func next(until deadline: ContinuousClock.Instant) throws(SQLError) -> PostgresResult? {
        while PQisBusy(pointer) == 1 {
            try wait(for: POLLIN, until: deadline)
            guard PQconsumeInput(pointer) == 1 else { throw lost() }
        }
        return PQgetResult(pointer).map(PostgresResult.init)
    }

    private func flush(until deadline: ContinuousClock.Instant) throws(SQLError) {
        while true {
            switch PQflush(pointer) {
            case 0: return
            case 1:
                // Reading as well: the server may stop reading until its own output is taken.
                try wait(for: POLLIN | POLLOUT, until: deadline)
                guard PQconsumeInput(pointer) == 1 else { throw lost() }
            default: throw lost()
            }
        }
    }

    private func wait(for events: Int32, until deadline: ContinuousClock.Instant) throws(SQLError) {
        while true {
            let left = (deadline - .now).milliseconds
            guard left > 0 else {
                isBroken = true
                isOverdue = true
                throw SQLError(.unavailable, "PostgreSQL didn't answer in time")
            }
            var descriptor = pollfd(fd: PQsocket(pointer), events: Int16(events), revents: 0)
            guard descriptor.fd >= 0 else { throw lost() }
            let ready = poll(&descriptor, 1, Int32(clamping: left))
            if ready > 0 { return }
            if ready < 0, errno != EINTR { throw lost() }
        }
    }

    private func lost() -> SQLError {
        isBroken = true
        return SQLError(.unavailable, PostgresErrors.text(PQerrorMessage(pointer)))
    }
}

/// A libpq result, cleared when it goes.
struct PostgresResult: ~Copyable {
    let pointer: OpaquePointer

    init(_ pointer: OpaquePointer) { self.pointer = pointer }

    deinit { PQclear(pointer) }

    var status: ExecStatusType { PQresultStatus(pointer) }
    var touched: Int { PQcmdTuples(pointer).map { atol($0) } ?? 0 }
}
