import SQL
import WhatsApp

/// Brings a batch of webhooks into the database, all of it in one transaction: raw events, contacts and rooms,
/// messages with their sequences, statuses, changes, the mirror's marks and the media jobs.
struct IngestTransaction {
    let accounts: AccountDirectory
    let messages: MessageStore
    let mapper: MessageMapper

    struct Result: Sendable {
        var received = 0
        var duplicates = 0
        var statuses = 0
        var changed = 0
        var mediaJobs = 0
    }

    func run(_ webhooks: [ReceivedWebhook], at now: Milliseconds, _ session: SQLSession) throws -> Result {
        let plan = IngestPlan(webhooks, accounts: accounts)
        var contacts = ContactResolver(accounts: accounts, now: now)
        let arrived = try resolve(plan, &contacts, session)
        let known = try KnownMessages(plan, session)
        var rooms = try RoomLock.take(arrived.map(\.contact.room) + known.rooms + arrived.callRooms, session)

        var result = Result()
        var fresh = try add(arrived.messages, to: &rooms, at: now, &result, session)
        result.statuses = try StatusLog.record(plan.reports, at: now, session)
        try ChangeLog.record(plan.changes, session)
        result.changed = try settle(&fresh, plan, known, at: now, session)

        try messages.insert(fresh, session)
        let jobs = fresh.compactMap { MediaFetch.job(for: $0, at: now) }
        try JobQueue.insert(jobs, session)
        result.received = fresh.count
        result.mediaJobs = jobs.count
        for (room, time) in arrived.calls { rooms[room]?.lastInboundAt.raise(to: min(time, now)) }
        try RoomLock.store(rooms.values, at: now, session)
        try WebhookEvents.record(webhooks, plan.outcomes, session)
        return result
    }

    private struct Arrived {
        var messages: [(arrival: IngestPlan.Arrival, contact: Contact)] = []
        var calls: [(RoomName, Milliseconds)] = []
        var callRooms: [RoomName] { calls.map(\.0) }
        func map<T>(_ path: KeyPath<(arrival: IngestPlan.Arrival, contact: Contact), T>) -> [T] {
            messages.map { $0[keyPath: path] }
        }
    }

    /// Finds or makes the contact of each message. What moves a contact comes first: a message from the new id may
    /// stand before the notice of the change.
    private func resolve(
        _ plan: IngestPlan, _ contacts: inout ContactResolver, _ session: SQLSession
    ) throws -> Arrived {
        let identities =
            plan.arrivals.map(\.identity) + plan.calls.map(\.identity) + plan.moves.flatMap { [$0.from, $0.to] }
        guard !identities.isEmpty else { return Arrived() }
        try contacts.load(identities, session)
        for move in plan.moves { contacts.move(contacts.resolve(move.from).id, to: move.to) }
        var arrived = Arrived()
        for arrival in plan.arrivals {
            let contact = contacts.resolve(arrival.identity)
            if contact.groupID == nil, let sender = arrival.sender {
                contacts.describe(contact.id, name: sender.name, username: sender.username)
            }
            arrived.messages.append((arrival, contact))
        }
        for call in plan.calls { arrived.calls.append((contacts.resolve(call.identity).room, call.timestamp)) }
        try contacts.store(session)
        return arrived
    }

    /// The messages that are not stored yet, each with the next sequence of its room.
    private func add(
        _ arrived: [(arrival: IngestPlan.Arrival, contact: Contact)], to rooms: inout [RoomName: LockedRoom],
        at now: Milliseconds, _ result: inout Result, _ session: SQLSession
    ) throws -> [Message] {
        var seen = try MessageIdentity.stored(
            arrived.map { MessageIdentity(account: $0.contact.account, $0.arrival.item) }, session)
        var fresh: [Message] = []
        for (arrival, contact) in arrived {
            guard seen.insert(MessageIdentity(account: contact.account, arrival.item)).inserted else {
                result.duplicates += 1
                continue
            }
            guard var room = rooms[contact.room] else { continue }
            let message = mapper.message(arrival, contact: contact, sequence: room.nextSequence(), at: now)
            room.lastMessageAt.raise(to: message.timestamp)
            if arrival.origin == .customer {
                room.lastInboundAt.raise(to: min(message.timestamp, now))
                room.unreadCount += 1
            }
            rooms[contact.room] = room
            fresh.append(message)
        }
        return fresh
    }

    /// Applies statuses and changes to their targets: messages of this batch, and messages stored before.
    private func settle(
        _ fresh: inout [Message], _ plan: IngestPlan, _ known: KnownMessages, at now: Milliseconds,
        _ session: SQLSession
    ) throws -> Int {
        var stored = try messages.find(known.ids, session)
        known.adoptWhatsAppIDs(in: &stored)
        let all = fresh + stored
        let reports = try StatusLog.find(all.filter { $0.direction == .outgoing }, session)
        let changes = try ChangeLog.find(all, session)
        func settle(_ message: inout Message) -> Bool {
            guard let id = message.whatsappMessageID else { return false }
            let key = MessageIdentity(account: message.account, whatsappMessageID: id)
            let before = message
            for report in reports[key] ?? [] { _ = message.apply(report) }
            if let changes = changes[key] { _ = message.apply(changes) }
            return message != before
        }
        for index in fresh.indices { _ = settle(&fresh[index]) }
        var touched: [Message] = []
        for var message in stored where settle(&message) || known.adopted(message) { touched.append(message) }
        try messages.update(touched, at: now, session)
        return touched.count
    }
}

extension Milliseconds {
    mutating func raise(to other: Milliseconds) { self = Swift.max(self, other) }
}
