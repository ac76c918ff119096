import JSON
import SQL

/// Takes messages out of every table, in the caller's transaction. What lies elsewhere follows from what it leaves: a
/// mark for the mirror, a job for the files.
struct MessageErasure {
    let now: Milliseconds
    let isMirrored: Bool

    /// Call it under the locks of `lock`.
    /// - Returns: the jobs that do the rest, with the files that nothing refers to any more and with the raw events.
    func erase(_ messages: [Message], _ session: SQLSession) throws -> [Job] {
        guard let first = messages.map(\.createdAt).min() else { return [] }
        try ErasedMessages.keep(messages.flatMap(Self.identities), at: now, session)
        var ids = SQLRows([("id", .text)])
        var wamids = SQLRows([("account", .text), ("id", .text)])
        for message in messages {
            ids.append([.text(message.messageID.rawValue)])
            guard let wamid = message.whatsappMessageID else { continue }
            wamids.append([.text(message.account.rawValue), .text(wamid)])
        }
        for (table, column) in [("message_statuses", "whatsapp_message_id"), ("message_changes", "target_id")] {
            _ = try session.batch(
                "DELETE FROM \(table) WHERE (account_id, \(column)) IN (SELECT r.account, r.id FROM {rows})", wamids)
        }
        for table in ["whatsapp_messages", "idempotency_keys"] {
            _ = try session.batch("DELETE FROM \(table) WHERE message_id IN (SELECT r.id FROM {rows})", ids)
        }
        try RoomMessages.delete(ids, at: now, session)
        try EventLog.erase(messages, session)
        try eraseJobs(messages, session)
        if isMirrored { try MessageStore.mark(messages, session) { _ in (MirrorService.erased, now) } }
        let jobs = [try files(messages, session), redaction(messages, since: first)].compactMap(\.self)
        try JobQueue.insert(jobs, session)
        return jobs
    }

    private func redaction(_ messages: [Message], since first: Milliseconds) -> Job? {
        let keys = Set(messages.flatMap { [$0.whatsappMessageID, $0.sourceKey].compactMap(\.self) })
        return keys.isEmpty ? nil : StoredEventRedaction.job(RawEventRedaction(keys: keys), since: first, at: now)
    }

    /// What comes before, as it does everywhere: the lock on what is said about them, then the rooms.
    /// - Returns: the messages as they are under the locks.
    static func lock(_ messages: [Message], _ store: MessageStore, _ session: SQLSession) throws -> [Message] {
        try TargetLock.take(arriving: [], missed: messages.flatMap(identities), session)
        _ = try RoomLock.take(Set(messages.map(\.roomName)), session)
        return try store.find(messages.map(\.messageID), session)
    }

    /// Its own id, too: reports on a message whose answer is still to come bear nothing else.
    private static func identities(_ message: Message) -> [MessageIdentity] {
        var identities = [MessageIdentity(account: message.account, whatsappMessageID: message.messageID.rawValue)]
        if let identity = message.identity { identities.append(identity) }
        if let key = message.sourceKey { identities.append(MessageIdentity(account: message.account, sourceKey: key)) }
        return identities
    }

    private func eraseJobs(_ messages: [Message], _ session: SQLSession) throws {
        let erased = Set(messages.map(\.messageID.rawValue))
        var lanes = SQLRows([("lane", .text)])
        var known: Set<String> = []
        for message in messages {
            for lane in SendJob.lanes(of: message) where known.insert(lane).inserted { lanes.append([.text(lane)]) }
        }
        let jobs = try session.batch(
            "SELECT j.job_id, j.lane, j.payload FROM {rows} JOIN jobs j ON j.lane = r.lane", lanes)
        var touched: Set<String> = []
        for row in jobs where try erased.contains(row.json("payload")?["messageId"]?.string ?? "") {
            _ = try session.execute("DELETE FROM jobs WHERE job_id = $1", [row["job_id"]])
            touched.insert(try row.text("lane"))
        }
        for lane in touched.sorted() { try JobQueue.letForward(lane: lane, session) }
    }

    /// A file that another message has as well stays; so does what Meta knows of the content while any file holds it.
    private func files(_ messages: [Message], _ session: SQLSession) throws -> Job? {
        var gone: [String] = []
        for name in Set(messages.compactMap { $0.media.url.flatMap(MediaName.inPath) }).sorted() {
            guard try MediaTable.hold(name, session), let row = try MediaTable.find(name, session),
                try !MediaTable.isUsed(name, session)
            else { continue }
            try MediaTable.delete(name, session)
            try UploadedContent(account: row.account, row).forgetUnlessStored(session)
            gone.append(name)
        }
        guard !gone.isEmpty else { return nil }
        return MediaRemoval.job(of: gone, at: now, after: 0)
    }
}
