import Logging
import SQL
import WhatsApp

package struct ErasureReport: Sendable {
    package var messages = 0
    package var rooms = 0
}

/// Erases what one customer, or one message, left: rows, raw events, jobs, events, the mirror's copies, files. It is gone
/// from the databases when a call returns; files, the mirror's copies and LiveKit's rooms follow at once, or as soon as
/// those can be reached.
package struct ErasureService: Sendable {
    let database: Database
    let accounts: AccountDirectory
    let messages: MessageStore
    let store: MediaStore
    let mirror: MirrorService?
    let clock: Clock
    let logger: Logger
    let wake: @Sendable () -> Void

    private static let batch: Int64 = 200
    private static let noMessage = GatewayError(.notFound, "the room has no message of this id")

    /// - Parameter id: of either kind.
    /// - Throws: `.notFound` for a room or a message that isn't there.
    package func eraseMessage(_ id: String, in room: RoomName) async throws(GatewayError) {
        do {
            let now = clock.now()
            let jobs = try await database.transaction { session in
                let rows = try session.query(
                    """
                    SELECT message_id FROM chat_messages
                    WHERE room_name = $1 AND (message_id = $2 OR whatsapp_message_id = $2)
                    """, [.text(room.rawValue), .text(id)])
                let found = try messages.find(
                    try rows.map { MessageID(rawValue: try $0.text("message_id")) }, session)
                let locked = try withKeys(MessageErasure.lock(found, messages, session), session)
                guard !locked.isEmpty else { throw Self.noMessage }
                return try erasure(now).erase(locked, session)
            }
            await follow(jobs)
            try await redact(jobs)
            logger.info("message erased", metadata: ["room": "\(Self.masked(room))"])
        } catch {
            throw GatewayError(wrapping: error)
        }
    }

    /// All that was said with this number, its rooms and what is known of the customer.
    /// - Parameter account: nil for every account that knows the number.
    /// - Throws: `.notFound` for a number that nothing is known of.
    package func eraseContact(
        _ phone: PhoneNumber, account: AccountID? = nil
    ) async throws(GatewayError) -> ErasureReport {
        do {
            let people = try await database.read { session in try ErasedPerson.find(phone, account, session) }
            guard !people.isEmpty else { throw GatewayError(.notFound, "nothing is known of this number") }
            var report = ErasureReport()
            var jobs: [Job] = []
            for person in people { jobs += try await erase(person, isAlone: account != nil, &report) }
            try await redact(jobs)
            logger.info("contact erased", metadata: ["messages": "\(report.messages)", "rooms": "\(report.rooms)"])
            return report
        } catch {
            throw GatewayError(wrapping: error)
        }
    }

    /// - Parameter isAlone: whether what other accounts have of the person stays.
    /// - Returns: what is left to do with raw events.
    private func erase(_ person: ErasedPerson, isAlone: Bool, _ report: inout ErasureReport) async throws -> [Job] {
        var jobs: [Job] = []
        while true {
            let (count, rest) = try await eraseBatch(of: person)
            report.messages += count
            jobs += rest
            if count == 0 { break }
        }
        let now = clock.now()
        let numberID = accounts.find(person.account)?.phoneNumberID
        let redaction = RawEventRedaction(
            people: person.names, numberIDs: isAlone ? Set([numberID].compactMap(\.self)) : nil)
        // What came in between the last look and the locks goes with the rooms.
        let (count, last) = try await database.transaction { session in
            try person.lock(session)
            let rest = try withKeys(try said(by: person, limit: .max, session), session)
            var jobs = try erasure(now).erase(rest, session)
            try person.erase(at: now, session)
            try ErasedPeople.keep(person.names, of: isAlone ? person.account : nil, at: now, session)
            let job = StoredEventRedaction.job(redaction, since: 0, at: now)
            try JobQueue.insert([job], session)
            jobs.append(job)
            return (rest.count, jobs)
        }
        report.messages += count
        report.rooms += person.rooms.count
        await follow(last)
        return jobs + last
    }

    private func erasure(_ now: Milliseconds) -> MessageErasure {
        MessageErasure(now: now, isMirrored: messages.isMirrored)
    }

    private func eraseBatch(of person: ErasedPerson) async throws -> (count: Int, jobs: [Job]) {
        let now = clock.now()
        let (count, jobs) = try await database.transaction { session in
            let found = try said(by: person, limit: Self.batch, session)
            let locked = try withKeys(MessageErasure.lock(found, messages, session), session)
            return (locked.count, try erasure(now).erase(locked, session))
        }
        if count > 0 { await follow(jobs) }
        return (count, jobs)
    }

    private func said(by person: ErasedPerson, limit: Int64, _ session: SQLSession) throws -> [Message] {
        var ids: Set<MessageID> = []
        for table in ["chat_messages", "whatsapp_messages"] {
            for room in person.rooms {
                let rows = try session.query(
                    "SELECT message_id FROM \(table) WHERE room_name = $1 ORDER BY sequence LIMIT $2",
                    [.text(room.rawValue), .integer(limit)])
                ids.formUnion(try rows.map { MessageID(rawValue: try $0.text("message_id")) })
            }
        }
        return try messages.find(Array(ids), session)
    }

    /// The room's rows do not have the key of a message that came without an id.
    private func withKeys(_ messages: [Message], _ session: SQLSession) throws -> [Message] {
        var rows = SQLRows([("id", .text)])
        for message in messages where message.whatsappMessageID == nil {
            rows.append([.text(message.messageID.rawValue)])
        }
        let keys = try session.batch(
            "SELECT m.message_id, m.source_key FROM {rows} JOIN whatsapp_messages m ON m.message_id = r.id", rows)
        let byID = Dictionary(
            try keys.map { (try $0.text("message_id"), try $0.textOrNil("source_key")) }
        ) { first, _ in first }
        return messages.map { message in
            var message = message
            message.sourceKey = byID[message.messageID.rawValue] ?? nil
            return message
        }
    }

    /// What lies outside the databases, and in MongoDB.
    private func follow(_ jobs: [Job]) async {
        wake()
        for job in jobs where job.kind == .removeMedia { await removeFiles(job) }
        if let mirror {
            do {
                while try await mirror.drain() == MirrorService.batch {}
            } catch {
                logger.warning("erased messages are in MongoDB until it can be reached")
            }
        }
    }

    /// All raw bodies in one go, when everything else is gone.
    private func redact(_ jobs: [Job]) async throws {
        let redactions = jobs.filter { $0.kind == .redactEvents }
        try await StoredEventRedaction(database: database).run(redactions)
        for job in redactions { try await forget(job) }
    }

    private func removeFiles(_ job: Job) async {
        do {
            guard case .done = try await MediaRemoval(store: store).run(job) else { return }
            try await forget(job)
        } catch {
            logger.warning("erased files are removed by their job", metadata: ["job.id": "\(job.id)"])
        }
    }

    /// One that somebody is just running ends by itself.
    private func forget(_ job: Job) async throws {
        _ = try await database.transaction { session in
            try session.execute("DELETE FROM jobs WHERE job_id = $1 AND state = 'open'", [.text(job.id)])
        }
    }

    private static func masked(_ room: RoomName) -> String { "…\(room.rawValue.suffix(4))" }
}
