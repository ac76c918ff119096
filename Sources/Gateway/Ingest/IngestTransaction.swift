import SQL
import WhatsApp

/// Brings a batch of webhooks into the database, all of it in one transaction: raw events, contacts and rooms,
/// messages with their sequences, statuses, changes, the mirror's marks and the media jobs.
struct IngestTransaction {
    let accounts: AccountDirectory
    let messages: MessageStore
    let mapper: MessageMapper

    /// A customer was erased between the look for them and the lock of their room. The next look finds nobody, and who
    /// writes after an erasure is a new customer.
    struct Overtaken: Error {}

    struct Result: Sendable {
        var received = 0
        var duplicates = 0
        var statuses = 0
        var changed = 0
        var mediaJobs = 0
        /// Why the last webhook that belongs to no account does not.
        var unrouted: String?
    }

    /// Some customer of a batch that was looked at in short is new, or the batch tells something new about one.
    struct Unfamiliar: Error {}

    /// - Parameter inShort: with one look, which is enough when all customers are known. Nothing is written otherwise.
    /// - Throws: `Unfamiliar` when it was not enough, `Overtaken`, and what the database says.
    func run(
        _ webhooks: [ReceivedWebhook], at now: Milliseconds, inShort: Bool = false, _ session: SQLSession
    ) throws -> Result {
        guard webhooks.contains(where: \.isSpooled) else {
            return try bringIn(webhooks, at: now, inShort: inShort, session)
        }
        let left = try ErasedPeople.leftOut(of: webhooks, accounts, session)
        let result = try bringIn(left, at: now, inShort: false, session)
        // Somebody erased before their contact was looked for and after the look above would be made anew.
        guard try ErasedPeople.leftOut(of: left, accounts, session).map(\.digest) == left.map(\.digest) else {
            throw Overtaken()
        }
        return result
    }

    /// A look, or two, and what is written, which goes with COMMIT: each is one round trip.
    private func bringIn(
        _ webhooks: [ReceivedWebhook], at now: Milliseconds, inShort: Bool, _ session: SQLSession
    ) throws -> Result {
        var plan = IngestPlan(webhooks, accounts: accounts)
        try leaveOutExpired(webhooks, from: &plan, at: now, session)
        let ground =
            inShort && plan.isOfNewMessages
            ? try glance(&plan, at: now, session) : try look(&plan, at: now, session)
        let arrived = ground.arrived
        let known = ground.known
        var rooms = ground.rooms
        var result = Result()
        result.statuses = ground.statuses

        var history: Set<MessageID> = []
        var fresh = try add(arrived.messages, stored: ground.stored, to: &rooms, at: now, &history, &result)
        let settled = try settle(&fresh, ground.targets, plan, known, ground.changes, at: now, session)
        result.changed = settled.changed

        try messages.insert(fresh, history: history, session)
        let jobs = (fresh + settled.completed).compactMap { MediaFetch.job(for: $0, at: now) }
        try JobQueue.insert(jobs, session)
        result.received = fresh.count
        result.mediaJobs = jobs.count
        for followUp in plan.followUps
        where !followUp.namesContact && !known.identities.contains(followUp.identity)
            && !fresh.contains(where: { $0.identity == followUp.identity })
        {
            plan.setAside(followUp)
        }
        for (room, time) in arrived.calls { rooms[room]?.lastInboundAt.raise(to: min(time, now)) }
        try RoomLock.store(rooms.values, at: now, session)
        result.unrouted = plan.outcomes.last { $0.state == .unrouted }?.reason
        try WebhookEvents.record(webhooks, plan.outcomes, without: plan.erased, session)
        return result
    }

    /// What a batch stands on: whose its messages are, and what is stored, seen while their rooms are locked.
    private struct Ground {
        let arrived: Arrived
        let known: KnownMessages
        let rooms: [RoomName: LockedRoom]
        let stored: Set<MessageIdentity>
        let targets: [Message]
        let changes: [MessageIdentity: [MessageChange]]
        let statuses: Int
    }

    /// What the ids stand for comes first, the locks and what is looked at under them second.
    private func look(_ plan: inout IngestPlan, at now: Milliseconds, _ session: SQLSession) throws -> Ground {
        var contacts = ContactResolver(accounts: accounts, now: now)
        let arrived = try resolve(&plan, &contacts, session)
        var known = try KnownMessages(plan, session)
        try leaveOutErased(&plan, known, session)
        try lock(arrived.identities, &known, session)

        let rooms = try RoomLock.request(
            arrived.map(\.contact.room) + known.rooms + arrived.callRooms + contacts.mergedRooms, session)
        try contacts.redirectRooms(session)
        let stored = try MessageIdentity.request(arrived.identities, session)
        let targets = try messages.request(known.ids, session)
        try ChangeLog.record(plan.changes, session)
        let changes = try ChangeLog.request(plan.targets.union(arrived.identities), session)
        let statuses = try StatusLog.record(plan.reports, session)
        return Ground(
            arrived: arrived, known: known, rooms: try rooms(), stored: try stored(), targets: try targets(),
            changes: try changes(), statuses: statuses)
    }

    /// Both at once, for messages of customers who are known. Nobody's contact is written to: that would have to come
    /// before the rooms are locked.
    private func glance(_ plan: inout IngestPlan, at now: Milliseconds, _ session: SQLSession) throws -> Ground {
        let identities = plan.arrivals.map(\.message)
        try TargetLock.take(arriving: identities, missed: [], session)
        let answer = try ContactResolver.request(plan.arrivals.map(\.identity), isLocking: true, session)
        let erased = try ErasedMessages.request(identities, session)
        let stored = try MessageIdentity.request(identities, session)
        let changes = try ChangeLog.request(Set(identities), session)

        let rows = try answer.rows()
        var contacts = ContactResolver(accounts: accounts, now: now)
        try contacts.take(rows)
        plan.leaveOutErased(try erased())
        let arrived = Arrived(messages: meet(plan.arrivals, &contacts))
        guard contacts.isLevel else { throw Unfamiliar() }
        // A customer who is known by several ids has a row for each.
        let rooms = Dictionary(try rows.map(LockedRoom.init).map { ($0.name, $0) }) { first, _ in first }
        return Ground(
            arrived: arrived, known: try KnownMessages(plan, session), rooms: rooms, stored: try stored(), targets: [],
            changes: try changes(), statuses: 0)
    }

    /// Reports on erased messages, and reactions to them. Few reports are on messages that aren't known.
    private func leaveOutErased(_ plan: inout IngestPlan, _ known: KnownMessages, _ session: SQLSession) throws {
        let candidates = known.missed.union(plan.changedIdentities)
        guard !candidates.isEmpty else { return }
        plan.leaveOutErased(try ErasedMessages.request(candidates.union(plan.callbacks), session)())
    }

    /// A message that has outlived its time may have been purged already; then a replay, or a webhook that Meta
    /// delivers again, would bring it back.
    private func leaveOutExpired(
        _ webhooks: [ReceivedWebhook], from plan: inout IngestPlan, at now: Milliseconds, _ session: SQLSession
    ) throws {
        let limit = now - mapper.lifetime
        // A message without a time bears that of its first arrival.
        let candidates = plan.arrivals.filter { $0.item.timestamp.map { $0 <= limit } ?? true }
        guard !candidates.isEmpty else { return }
        let first = try WebhookEvents.arrivals(of: Set(candidates.map { webhooks[$0.webhook].digest }), session)
        plan.leaveOut { arrival in
            let webhook = webhooks[arrival.webhook]
            guard let came = first[webhook.digest] ?? (webhook.isReplay ? webhook.receivedAt : nil) else {
                return false
            }
            return (arrival.item.timestamp ?? came) <= limit
        }
    }

    private struct Arrived {
        var messages: [(arrival: IngestPlan.Arrival, contact: Contact)] = []
        var calls: [(RoomName, Milliseconds)] = []
        var callRooms: [RoomName] { calls.map(\.0) }
        var identities: [MessageIdentity] {
            messages.map { MessageIdentity(account: $0.contact.account, $0.arrival.item) }
        }

        func map<T>(_ path: KeyPath<(arrival: IngestPlan.Arrival, contact: Contact), T>) -> [T] {
            messages.map { $0[keyPath: path] }
        }
    }

    /// Another gateway may be storing the message of a status or a change, or these to a message, at this moment:
    /// whoever comes second waits here, and sees then what the first has committed.
    private func lock(_ arriving: [MessageIdentity], _ known: inout KnownMessages, _ session: SQLSession) throws {
        try TargetLock.take(arriving: arriving + known.named, missed: known.missed, session)
        try known.lookAgain(session)
    }

    /// Finds or makes the contact of each message. What moves a contact comes first: a message from the new id may
    /// stand before the notice of the change.
    private func resolve(
        _ plan: inout IngestPlan, _ contacts: inout ContactResolver, _ session: SQLSession
    ) throws -> Arrived {
        let erased = try ErasedMessages.request(
            plan.arrivals.map(\.message) + plan.followUps.map(\.identity) + plan.moves.compactMap(\.message), session)
        let identities =
            plan.arrivals.map(\.identity) + plan.calls.map(\.identity) + plan.moves.flatMap { [$0.from, $0.to] }
            + plan.sightings
        guard !identities.isEmpty else { return Arrived() }
        try contacts.load(identities, session)
        plan.leaveOutErased(try erased())
        try apply(plan.moves, to: &contacts, session)
        var arrived = Arrived(messages: meet(plan.arrivals, &contacts))
        for identity in plan.sightings where contacts.find(identity) != nil { _ = contacts.resolve(identity) }
        for call in plan.calls { arrived.calls.append((contacts.resolve(call.identity).room, call.timestamp)) }
        try contacts.store(session)
        return arrived
    }

    /// Whose messages they are, with what they tell about them.
    private func meet(
        _ arrivals: [IngestPlan.Arrival], _ contacts: inout ContactResolver
    ) -> [(arrival: IngestPlan.Arrival, contact: Contact)] {
        arrivals.map { arrival in
            let contact = contacts.resolve(arrival.identity)
            if contact.groupID == nil, let sender = arrival.sender {
                contacts.describe(
                    contact.id, name: sender.name, username: sender.username,
                    at: min(arrival.item.timestamp ?? contacts.now, contacts.now))
            }
            return (arrival, contact)
        }
    }

    /// A notice that comes again must not undo what came after it: a message is known by its id, and a notice without
    /// one by the contact having the new id already. Such a notice makes no room for somebody unknown either.
    private func apply(
        _ moves: [IngestPlan.Move], to contacts: inout ContactResolver, _ session: SQLSession
    ) throws {
        var seen = try MessageIdentity.stored(moves.compactMap(\.message), session)
        for move in moves {
            if let message = move.message {
                if seen.insert(message).inserted { contacts.move(contacts.resolve(move.from).id, to: move.to) }
            } else if let contact = contacts.find(move.from), contacts.find(move.to) != contact {
                contacts.move(contact, to: move.to)
            }
        }
    }

    /// The messages that are not stored yet, each with the next sequence of its room.
    private func add(
        _ arrived: [(arrival: IngestPlan.Arrival, contact: Contact)], stored: Set<MessageIdentity>,
        to rooms: inout [RoomName: LockedRoom], at now: Milliseconds, _ history: inout Set<MessageID>,
        _ result: inout Result
    ) throws -> [Message] {
        var seen = stored
        var fresh: [Message] = []
        for (arrival, contact) in arrived {
            guard seen.insert(MessageIdentity(account: contact.account, arrival.item)).inserted else {
                result.duplicates += 1
                continue
            }
            guard var room = rooms[contact.room] else { throw Overtaken() }
            let message = mapper.message(arrival, contact: contact, sequence: room.nextSequence(), at: now)
            room.lastMessageAt.raise(to: message.timestamp)
            if arrival.origin == .customer {
                // WhatsApp's own word about the customer is not the customer's.
                if !arrival.item.isSystem {
                    room.lastInboundAt.raise(to: min(message.timestamp, now))
                    room.reopen()
                }
                room.unreadCount += 1
            }
            rooms[contact.room] = room
            if case .history = arrival.origin { history.insert(message.messageID) }
            fresh.append(message)
        }
        return fresh
    }

    /// Applies statuses, changes and media that follow to their targets: messages of this batch, and messages stored
    /// before.
    /// - Returns: how many stored messages changed, and those of them that have media to fetch now.
    private func settle(
        _ fresh: inout [Message], _ targets: [Message], _ plan: IngestPlan, _ known: KnownMessages,
        _ changes: [MessageIdentity: [MessageChange]], at now: Milliseconds, _ session: SQLSession
    ) throws -> (changed: Int, completed: [Message]) {
        var stored = targets
        known.adoptWhatsAppIDs(in: &stored)
        let all = fresh + stored
        let reports = try StatusLog.find(all.filter { $0.direction == .outgoing }, session)
        let followUps = Dictionary(plan.followUps.map { ($0.identity, $0.item) }) { first, _ in first }
        func settle(_ message: inout Message) -> Bool {
            guard let key = message.identity else { return false }
            let before = message
            if let item = followUps[key] { mapper.complete(&message, with: item) }
            for report in reports[key] ?? [] { _ = message.apply(report) }
            if let changes = changes[key] { _ = message.apply(changes) }
            return message != before
        }
        for index in fresh.indices { _ = settle(&fresh[index]) }
        var touched: [(before: Message, after: Message)] = []
        var completed: [Message] = []
        for before in stored {
            var message = before
            guard settle(&message) || known.adopted(message) else { continue }
            touched.append((before, message))
            if before.media.graphID == nil, message.media.graphID != nil { completed.append(message) }
        }
        try messages.update(touched, at: now, session)
        return (touched.count, completed)
    }
}

extension IncomingMessage {
    fileprivate var isSystem: Bool {
        if case .system = content { true } else { false }
    }
}

extension Milliseconds {
    mutating func raise(to other: Milliseconds) { self = Swift.max(self, other) }
}
