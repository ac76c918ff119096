/// One place of the pool: a thread and, while the database can be reached, an open connection on it.
actor Connection {
    enum Access: Sendable {
        case read
        case write(timeout: Duration)
    }

    enum Outcome<Value: Sendable>: Sendable {
        case done(Value)
        case failed(any Error)
        /// Rolled back for a passing reason.
        case again(SQLError)
        /// The connection was lost before anything can have been committed.
        case lost(any Error)

        fileprivate var isCommitted: Bool { if case .done = self { true } else { false } }
    }

    private let executor: ThreadExecutor
    private let engine: SQLEngine
    private let notices: Notices
    private let connect: @Sendable () throws(SQLError) -> any Driver
    private var driver: (any Driver)?

    nonisolated var unownedExecutor: UnownedSerialExecutor { executor.asUnownedSerialExecutor() }

    init(
        name: String, engine: SQLEngine, notices: Notices,
        connect: @escaping @Sendable () throws(SQLError) -> any Driver
    ) {
        executor = ThreadExecutor(name: name)
        self.engine = engine
        self.notices = notices
        self.connect = connect
    }

    /// Runs `body` and gives the connection back to `pool`. When a connection that was there before turns out to be
    /// lost, and nothing can have been committed, it is run once more on a new one.
    func run<Value: Sendable>(
        _ access: Access, until deadline: ContinuousClock.Instant?, returningTo pool: Pool,
        _ body: @Sendable (SQLSession) throws -> Value
    ) -> Outcome<Value> {
        defer { pool.release(self, isConnected: driver != nil) }
        do {
            var isNew = try open()
            while true {
                driver?.deadline = deadline
                let outcome = attempt(access, body)
                guard let driver, driver.isBroken else { return outcome }
                let isOverdue = driver.isOverdue
                close()
                guard case .lost(let error) = outcome else { return outcome }
                if isNew || isOverdue { return .failed(error) }
                isNew = try open()
            }
        } catch {
            return .failed(error)
        }
    }

    /// Connects unless that has been done; true when the connection is new.
    func open() throws(SQLError) -> Bool {
        if let driver {
            if driver.isAlive() { return false }
            close()
        }
        driver = try connect()
        return true
    }

    func close() {
        driver?.close()
        driver = nil
    }

    private func attempt<Value: Sendable>(
        _ access: Access, _ body: @Sendable (SQLSession) throws -> Value
    ) -> Outcome<Value> {
        guard let driver else { return .failed(SQLError(.unavailable, "not connected")) }
        switch access {
        case .read:
            let session = SQLSession(engine: engine, driver: driver, notices: notices, isTransaction: false)
            do {
                return .done(try body(session))
            } catch {
                return verdict(error, driver)
            }
        case .write(let timeout):
            let session = SQLSession(engine: engine, driver: driver, notices: notices, isTransaction: true)
            do {
                try driver.begin(timeout: timeout)
                let value = try body(session)
                try session.writeClosing()
                if let failure = session.failure { throw failure }
                let outcome = commit(value, driver)
                if !session.notified.isEmpty, outcome.isCommitted || driver.mayHaveCommitted {
                    notices.tell(session.notified)
                }
                return outcome
            } catch {
                if !driver.isBroken { driver.rollback() }
                // The body may have wrapped the error in one of its own: what the session saw decides.
                if let failure = session.failure, failure.isPassing { return .again(failure) }
                return verdict(error, driver)
            }
        }
    }

    private func commit<Value: Sendable>(_ value: Value, _ driver: any Driver) -> Outcome<Value> {
        do {
            try driver.commit()
            return .done(value)
        } catch {
            if driver.mayHaveCommitted {
                let message = "the connection broke during COMMIT, whose outcome is unknown: \(error.message)"
                return .failed(SQLError(.unavailable, message))
            }
            if !driver.isBroken { driver.rollback() }
            return verdict(error, driver)
        }
    }

    /// Nothing was committed: a lost connection and a passing failure may be tried again.
    private func verdict<Value: Sendable>(_ error: any Error, _ driver: any Driver) -> Outcome<Value> {
        let known = error as? SQLError
        if let known, known.isPassing { return .again(known) }
        if driver.isBroken { return .lost(error) }
        return .failed(error)
    }
}
