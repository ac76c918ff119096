import Logging
import SQL
import ServiceLifecycle

/// Removes what has outlived its time, in small batches: messages with their files, raw events, statuses and changes
/// whose message never came, idempotency keys, dead letters. MongoDB expires its copy by itself. Several gateways may
/// do so at once: each leaves alone what another is just removing.
/// After the clock was set forward nothing is removed: what it would take for old may be of today.
package struct PurgeService: Service {
    let database: Database
    let store: MediaStore
    let clock: Clock
    let eventLifetime: Milliseconds
    let signal: Signal
    let logger: Logger
    let watch: ClockWatch

    private static let batch: Int64 = 500
    private static let interval: Duration = .seconds(600)
    private static let keyLifetime: Milliseconds = .day
    /// A file this young may belong to a message that is just being written.
    private static let fileGrace: Milliseconds = .day
    /// A clock that was set forward by more than this is not believed until it is set back or the program starts anew.
    private static let believable: Milliseconds = 6 * .hour
    /// A batch of files should be gone by then, or else is left to a job.
    private static let removalTime: Milliseconds = 300_000

    package func run() async throws {
        await repeatUntilStopped(waking: signal) { stop in
            do {
                try await pass(until: stop)
            } catch {
                let cause = GatewayError(wrapping: error)
                logger.warning("purge waits", metadata: ["cause": "\(cause.cause ?? cause.message)"])
            }
            await signal.wait(atMost: Self.interval)
        }
    }

    /// Removes all that is due now, unless the clock can't be believed.
    func pass(until stop: Flag = Flag()) async throws {
        guard watch.drift <= Self.believable else {
            logger.warning("purge waits", metadata: ["cause": "the clock was set forward while running"])
            return
        }
        try await purge(until: stop)
    }

    /// Removes all that is due now, or as much as there is time for until the flag is raised.
    func purge(until stop: Flag = Flag()) async throws {
        let now = clock.now()
        try await repeating(stop) { try await removeMessages(now) }
        try await repeating(stop) { try await removeFiles(now) }
        for sql in Self.aged {
            try await repeating(stop) { try await remove(sql, before: now - eventLifetime) }
        }
        for sql in [Self.keys, Self.limits, Self.tickets, Self.departed] {
            try await repeating(stop) { try await remove(sql, before: now - Self.keyLifetime) }
        }
    }

    private func repeating(_ stop: Flag, _ batch: () async throws -> Int64) async throws {
        while !stop.isRaised, try await batch() == Self.batch {}
    }

    private func removeMessages(_ now: Milliseconds) async throws -> Int64 {
        try await database.transaction { session in
            let expired = try session.query(
                "SELECT message_id, room_name FROM chat_messages WHERE expires_at <= $1 ORDER BY expires_at LIMIT $2",
                [.integer(now), .integer(Self.batch)])
            // Reactions that went out stand in the other table alone.
            let alone = try session.query(
                """
                SELECT message_id, room_name FROM whatsapp_messages WHERE expires_at <= $1 AND sequence = 0
                ORDER BY expires_at LIMIT $2
                """, [.integer(now), .integer(Self.batch)])
            let rows = expired + alone
            _ = try RoomLock.take(try rows.map { RoomName(rawValue: try $0.text("room_name")) }, session)
            var ids = SQLRows([("id", .text)])
            for row in rows { ids.append([row["message_id"]]) }
            for table in ["message_statuses", "message_changes"] {
                let target = table == "message_statuses" ? "whatsapp_message_id" : "target_id"
                _ = try session.batch(
                    """
                    DELETE FROM \(table) WHERE (account_id, \(target)) IN (
                        SELECT m.account_id, m.whatsapp_message_id FROM {rows}
                        JOIN whatsapp_messages m ON m.message_id = r.id WHERE m.whatsapp_message_id IS NOT NULL)
                    """, ids)
            }
            _ = try session.batch("DELETE FROM whatsapp_messages WHERE message_id IN (SELECT r.id FROM {rows})", ids)
            try RoomMessages.delete(ids, at: now, session)
            return Int64(max(expired.count, alone.count))
        }
    }

    /// Files that no message points to any more. The rows are held before it is asked who points to them, as a draft
    /// that names a stored file holds its row: so none is taken away that is just being used again. The row goes first,
    /// since a file without a row is served to nobody; a job stands for its bytes until they are gone, too.
    private func removeFiles(_ now: Milliseconds) async throws -> Int64 {
        let (held, job) = try await database.transaction { session in
            let unused = """
                NOT EXISTS (SELECT 1 FROM whatsapp_messages m WHERE m.media_url = '/uploads/whatsapp/' || f.name)
                """
            let held = try session.query(
                """
                SELECT f.name FROM media f WHERE f.created_at <= $1 AND \(unused) LIMIT $2 {for update skip locked}
                """, [.integer(now - Self.fileGrace), .integer(Self.batch)])
            var names = SQLRows([("name", .text)])
            for row in held { names.append([row["name"]]) }
            let gone = try session.batch(
                """
                DELETE FROM media WHERE name IN (
                    SELECT f.name FROM {rows} JOIN media f ON f.name = r.name WHERE \(unused))
                RETURNING name
                """, names
            ).map { try $0.text("name") }
            let job = MediaRemoval.job(of: gone, at: now, after: Self.removalTime)
            if !gone.isEmpty { try JobQueue.insert([job], session) }
            return (held.count, job)
        }
        guard case .done = try await MediaRemoval(store: store).run(job) else { return Int64(held) }
        // A job that is just being run by somebody ends by itself.
        _ = try await database.transaction { session in
            try session.execute("DELETE FROM jobs WHERE job_id = $1 AND state = 'open'", [.text(job.id)])
        }
        return Int64(held)
    }

    private func remove(_ sql: String, before time: Milliseconds) async throws -> Int64 {
        try await database.transaction { session in
            Int64(try session.execute(sql, [.integer(time), .integer(Self.batch)]))
        }
    }

    private static let keys = """
        DELETE FROM idempotency_keys WHERE (account_id, key) IN (
            SELECT account_id, key FROM idempotency_keys
            WHERE created_at <= $1 AND key NOT LIKE '\(EndpointReplies.keyMark)%' LIMIT $2 {for update skip locked})
        """
    /// A limit that has rested so long is as good as none.
    private static let limits = """
        DELETE FROM send_limits WHERE key IN (
            SELECT key FROM send_limits WHERE due <= CAST($1 AS BIGINT) * 1000 LIMIT $2 {for update skip locked})
        """
    private static let tickets = """
        DELETE FROM room_tickets WHERE ticket_hash IN (
            SELECT ticket_hash FROM room_tickets WHERE expires_at <= $1 LIMIT $2 {for update skip locked})
        """
    /// Nothing of LiveKit's comes so late.
    private static let departed = """
        DELETE FROM livekit_participants WHERE participant_sid IN (
            SELECT participant_sid FROM livekit_participants WHERE left_at <= $1 LIMIT $2 {for update skip locked})
        """
    private static let aged = [
        """
        DELETE FROM erased_people WHERE digest IN (
            SELECT digest FROM erased_people WHERE erased_at <= $1 LIMIT $2 {for update skip locked})
        """,
        // Those of replies: as long as an event may be told again.
        """
        DELETE FROM idempotency_keys WHERE (account_id, key) IN (
            SELECT account_id, key FROM idempotency_keys WHERE created_at <= $1 LIMIT $2 {for update skip locked})
        """,
        """
        DELETE FROM webhook_deliveries WHERE delivery_id IN (
            SELECT delivery_id FROM webhook_deliveries WHERE created_at <= $1 LIMIT $2 {for update skip locked})
        """,
        """
        DELETE FROM events WHERE position IN (
            SELECT position FROM (SELECT position, timestamp FROM events ORDER BY position LIMIT $2) oldest
            WHERE timestamp <= $1)
        """,
        """
        DELETE FROM webhook_events WHERE event_id IN (
            SELECT event_id FROM webhook_events WHERE received_at <= $1 LIMIT $2 {for update skip locked})
        """,
        """
        DELETE FROM message_statuses WHERE (account_id, whatsapp_message_id, status, participant, timestamp) IN (
            SELECT s.account_id, s.whatsapp_message_id, s.status, s.participant, s.timestamp FROM message_statuses s
            WHERE s.received_at <= $1 AND NOT EXISTS (
                SELECT 1 FROM whatsapp_messages m
                WHERE m.account_id = s.account_id AND m.whatsapp_message_id = s.whatsapp_message_id)
            LIMIT $2 {for update skip locked})
        """,
        """
        DELETE FROM message_changes WHERE (account_id, change_id) IN (
            SELECT c.account_id, c.change_id FROM message_changes c
            WHERE c.received_at <= $1 AND NOT EXISTS (
                SELECT 1 FROM whatsapp_messages m
                WHERE m.account_id = c.account_id AND m.whatsapp_message_id = c.target_id)
            LIMIT $2 {for update skip locked})
        """,
        """
        DELETE FROM jobs WHERE job_id IN (
            SELECT job_id FROM jobs WHERE state = 'dead' AND updated_at <= $1 LIMIT $2 {for update skip locked})
        """,
        // Their events are gone: they wait for an endpoint that was never enabled again.
        """
        DELETE FROM jobs WHERE job_id IN (
            SELECT job_id FROM jobs WHERE kind = 'deliver_event' AND state = 'open' AND created_at <= $1
            LIMIT $2 {for update skip locked})
        """,
    ]
}
