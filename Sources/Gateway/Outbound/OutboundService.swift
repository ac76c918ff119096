import Crypto
import JSON
import SQL
import WhatsApp

/// Takes what somebody says to a customer: checked, stored and queued in one transaction.
package struct OutboundService: Sendable {
    let database: Database
    let accounts: AccountDirectory
    let messages: MessageStore
    let media: OutgoingMediaSource
    let outcomes: OutcomeBoard
    let clock: Clock
    /// How long a message is kept.
    let lifetime: Milliseconds
    let wake: @Sendable () -> Void

    /// Stores the message as `pending` and queues it. A private note is stored in its room and stays there.
    /// - Parameter idempotencyKey: the same key with the same request gives the same message again for 24 hours.
    /// - Throws: `.rateLimited` when too much waits in the room already; `.windowClosed` for free-form content more than 24 hours after the customer's last word;
    ///   `.mediaRejected`, `.notFound` for an unknown room, `.conflict` for a key used with another request.
    package func submit(
        _ draft: Draft, to destination: Destination, idempotencyKey: String? = nil
    ) async throws(GatewayError) -> Submission {
        do {
            let fingerprint = SHA256.hash(data: draft.fingerprint(destination)).hexadecimal
            let accountID = try await account(of: destination)
            if let idempotencyKey, let known = try await replay(idempotencyKey, accountID, fingerprint) { return known }
            try await checkBeforeMedia(draft, destination)
            let file = try await media.prepare(draft, account: accountID)
            do {
                let submission = try await store(draft, destination, accountID, file, idempotencyKey, fingerprint)
                if submission.replayed { await media.discard(file) }
                if !draft.isPrivate { wake() }
                return submission
            } catch {
                // A commit whose answer was lost may hold all the same: then the file is left to the purge.
                if GatewayError(wrapping: error).code != .unavailable { await media.discard(file) }
                throw error
            }
        } catch {
            throw GatewayError(wrapping: error)
        }
    }

    /// Waits for the first outcome of a message: until it is more than `pending`, or this long.
    package func outcome(of id: MessageID, within limit: Duration) async throws(GatewayError) -> Submission {
        do {
            let deadline = ContinuousClock.now + limit
            let watch = outcomes.watch(id)
            defer { outcomes.end(watch) }
            while true {
                guard let (message, paused) = try await find(id) else {
                    throw GatewayError(.notFound, "no message has this id")
                }
                let left = ContinuousClock.now.duration(to: deadline)
                if message.status != .pending || message.isPrivate || paused || left <= .zero {
                    return Submission(message: message, replayed: false, accountPaused: paused)
                }
                try Task.checkCancellation()
                // Another gateway may do the sending; so a look at the table every half second, too.
                await watch.signal.wait(atMost: min(left, .milliseconds(500)))
            }
        } catch {
            throw GatewayError(wrapping: error)
        }
    }

    private func find(_ id: MessageID) async throws -> (message: Message, isPaused: Bool)? {
        try await database.read { session in
            guard let message = try messages.find([id], session).first else { return nil }
            // Only a message that waits has a use for it.
            let isPaused = try message.status == .pending && AccountPause.isSet(for: message.account, session)
            return (message, isPaused)
        }
    }

    private func account(of destination: Destination) async throws -> AccountID {
        switch destination {
        case .phone(_, let account): return account
        case .room(let name):
            return try await database.read { session in
                try Room.find(name, session)?.account
            } ?? { throw GatewayError(.notFound, "no room has this name") }()
        }
    }

    private func replay(
        _ key: String, _ account: AccountID, _ fingerprint: String
    ) async throws -> Submission? {
        try await database.read { session in
            guard let message = try Self.replay(key, account, fingerprint, messages, session) else { return nil }
            return try Submission(
                message: message, replayed: true, accountPaused: AccountPause.isSet(for: account, session))
        }
    }

    private static func replay(
        _ key: String, _ account: AccountID, _ fingerprint: String, _ messages: MessageStore, _ session: SQLSession
    ) throws -> Message? {
        let rows = try session.query(
            "SELECT request_hash, message_id FROM idempotency_keys WHERE account_id = $1 AND key = $2",
            [.text(account.rawValue), .text(key)])
        guard let row = rows.first else { return nil }
        guard try row.text("request_hash") == fingerprint else {
            throw GatewayError(.conflict, "this Idempotency-Key was used for another request")
        }
        return try messages.find([MessageID(rawValue: try row.text("message_id"))], session).first
    }

    /// What can be refused without the file is refused before it is fetched.
    private func checkBeforeMedia(_ draft: Draft, _ destination: Destination) async throws {
        guard draft.mediaURL != nil else { return }
        let now = clock.now()
        _ = try await database.read { session in
            try Conversation.find(destination, accounts, now, session).check(draft, at: now, session)
        }
    }

    private func store(
        _ draft: Draft, _ destination: Destination, _ account: AccountID, _ file: PreparedMedia?, _ key: String?,
        _ fingerprint: String
    ) async throws -> Submission {
        let now = clock.now()
        var attempt = 1
        while true {
            do {
                return try await database.transaction { session in
                    if let key, let known = try Self.replay(key, account, fingerprint, messages, session) {
                        return Submission(
                            message: known, replayed: true,
                            accountPaused: try AccountPause.isSet(for: account, session))
                    }
                    let message = try write(draft, destination, file, at: now, session)
                    if let key {
                        _ = try session.execute(
                            """
                            INSERT INTO idempotency_keys (account_id, key, request_hash, message_id, created_at)
                            VALUES ($1, $2, $3, $4, $5)
                            """,
                            [
                                .text(account.rawValue), .text(key), .text(fingerprint),
                                .text(message.messageID.rawValue), .integer(now),
                            ])
                    }
                    return Submission(
                        message: message, replayed: false,
                        accountPaused: try AccountPause.isSet(for: account, session))
                }
            } catch let error as SQLError {
                // The same key, or the same new contact, was written at the same moment: look again.
                guard case .unique = error.kind, attempt < 5 else { throw error }
                attempt += 1
            }
        }
    }

    private func write(
        _ draft: Draft, _ destination: Destination, _ file: PreparedMedia?, at now: Milliseconds, _ session: SQLSession
    ) throws -> Message {
        let draft = try file?.shaping(draft) ?? draft
        var conversation = try Conversation.find(destination, accounts, now, session)
        let context = try conversation.check(draft, at: now, session)
        var (contact, room) = try conversation.open(session)
        if !draft.isPrivate { try Backlog.check(contact.room, session) }
        let isReaction = if case .reaction = draft.content { true } else { false }
        var message = Message(
            messageID: .make(at: now), account: contact.account, phoneNumber: contact.phoneNumber,
            roomName: contact.room, contact: contact.id, sequence: isReaction ? 0 : room.nextSequence(),
            direction: .outgoing, type: draft.content.type, status: .pending, timestamp: now, createdAt: now,
            updatedAt: now, expiresAt: now + lifetime)
        message.fill(from: draft, file)
        if draft.isPrivate { message.status = .sent }
        if !isReaction { room.lastMessageAt.raise(to: now) }
        try messages.insert([message], session)
        if let file { try OutgoingMediaSource.keep(file, session) }
        try RoomLock.store([room], at: now, session)
        if !draft.isPrivate {
            try JobQueue.insert(
                [SendJob.job(for: message, draft, file, context, at: now, last: room.lastSequence)], session)
        }
        return message
    }
}

extension Message {
    fileprivate mutating func fill(from draft: Draft, _ file: PreparedMedia?) {
        metadata = draft.metadata
        sender = draft.sender?.json
        isPrivate = draft.isPrivate
        replyTo = draft.replyTo
        switch draft.content {
        case .text(let body, _): text = body
        case .media(let outgoing):
            caption = outgoing.caption
            media = MessageMedia(
                kind: outgoing.kind.rawValue, status: .ready, url: file.map { MediaName.path(of: $0.row.name) },
                fileName: outgoing.fileName ?? file?.row.originalName, fileSize: file?.row.size,
                mimeType: file?.row.mimeType, sha256: file?.row.sha256)
            if outgoing.voice { extras["voice"] = true }
        case .location: location = draft.content.storedJSON()["location"]
        case .contacts(let cards): contacts = cards
        case .interactive(let interactive):
            self.interactive = interactive
            text = interactive["body"]?["text"]?.string
        case .template(let template): extras["template"] = template
        case .reaction(let target, let emoji):
            extras["reaction"] = ["messageId": .string(target), "emoji": .string(emoji)]
        }
    }
}
