import SQL

/// How much may wait to be sent in one room. Meta takes one message in six seconds for one customer, so what stands at
/// the end of a long queue would be out of date when it goes out: better refused now.
enum Backlog {
    static let limit: Int64 = 1000
    private static let retryAfter: Int64 = 60

    /// - Throws: `.rateLimited`. Call it under the lock of the room.
    static func check(_ room: RoomName, _ session: SQLSession) throws {
        let waiting = try session.query(
            """
            SELECT COUNT(*) AS waiting FROM (
                SELECT 1 AS one FROM jobs WHERE lane = $1 AND state <> 'dead' LIMIT $2) AS jobs_of_room
            """, [.text(SendJob.lane(of: room)), .integer(limit)]
        ).first?.integer("waiting")
        guard let waiting, waiting >= limit else { return }
        throw GatewayError(
            .rateLimited, "\(limit) messages of this room wait to be sent; try again later",
            data: ["limit": .integer(limit), "retryAfter": .integer(retryAfter)])
    }
}
