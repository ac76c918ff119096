import SQL

extension JobQueue {
    /// Mends times that a clock wrote which was ahead of the present one: a job that was last touched in the future
    /// keeps the wait that it had then, and no lease reaches further than a new one would.
    /// - Parameter isAlone: no other process works on these jobs: whatever counts as running was left by a crash.
    func mendTimes(isAlone: Bool = false) async throws {
        let now = clock.now()
        try await database.transaction { session in
            _ = try session.execute(
                """
                UPDATE jobs SET run_at = $1 + run_at - updated_at, updated_at = $1
                WHERE state = 'open' AND updated_at > $2
                """, [.integer(now), .integer(now + Self.slack)])
            _ = try session.execute(
                "UPDATE jobs SET leased_until = $1 WHERE state = 'running' AND leased_until > $2",
                isAlone
                    ? [.integer(now - 1), .integer(0)]
                    : [.integer(now + Self.lease), .integer(now + Self.lease + Self.slack)])
        }
    }

    /// Clocks of gateways that follow the same source differ by less.
    private static let slack: Milliseconds = 5 * .second
}
