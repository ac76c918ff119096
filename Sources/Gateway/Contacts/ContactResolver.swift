import SQL

/// Finds the contacts of many identities at once, and makes those that are new, with their rooms.
/// Two ids that one item shows together belong to one contact; where they pointed to two, the two are merged.
struct ContactResolver {
    let accounts: AccountDirectory
    let now: Milliseconds
    private(set) var contacts: [ContactID: Contact] = [:]
    private var owners: [ContactAlias: ContactID] = [:]
    /// When the newest message was written that told of the contact.
    private var described: [ContactID: Milliseconds] = [:]
    private var changed: Set<ContactID> = []
    private var newContacts: [ContactID] = []
    private var newAliases: [(ContactAlias, ContactID)] = []
    private var merges: [(from: ContactID, into: ContactID)] = []

    init(accounts: AccountDirectory, now: Milliseconds) {
        self.accounts = accounts
        self.now = now
    }

    /// Reads what is known of these identities. Call once, before `resolve`.
    mutating func load(_ identities: some Sequence<ContactIdentity>, _ session: SQLSession) throws {
        try take(Self.request(identities, isLocking: false, session).rows())
    }

    /// `load` in two steps: `take` wants the rows of the answer, which have the columns of a `LockedRoom` as well.
    /// - Parameter isLocking: also locks the rooms of those who are known, in the order of their names; what is sent
    ///   after this runs under the locks.
    static func request(
        _ identities: some Sequence<ContactIdentity>, isLocking: Bool, _ session: SQLSession
    ) throws -> SQLAnswer {
        var rows = SQLRows([("account", .text), ("kind", .text), ("value", .text)])
        for alias in Set(identities.flatMap(\.lookups)).sorted() {
            rows.append([.text(alias.account.rawValue), .text(alias.kind.rawValue), .text(alias.value)])
        }
        return try session.send(
            """
            SELECT a.kind, a.value, \(Contact.columns), \(LockedRoom.counters)
            FROM {rows} JOIN contact_aliases a ON a.account_id = r.account AND a.kind = r.kind AND a.value = r.value
            JOIN contacts c ON c.contact_id = a.contact_id
            JOIN rooms m ON m.contact_id = c.contact_id
            \(isLocking ? "ORDER BY m.room_name {for no key update of m}" : "")
            """, rows)
    }

    mutating func take(_ rows: [SQLRow]) throws {
        for row in rows {
            let contact = try Contact(row)
            guard let kind = ContactAlias.Kind(rawValue: try row.text("kind")) else { continue }
            contacts[contact.id] = contact
            described[contact.id] = try row.integer("last_inbound_at")
            owners[ContactAlias(contact.account, kind, try row.text("value"))] = contact.id
        }
    }

    /// The contact of one identity, made if there is none.
    mutating func resolve(_ identity: ContactIdentity) -> Contact {
        var ids: [ContactID] = []
        for alias in identity.lookups {
            if let id = owners[alias], !ids.contains(id) { ids.append(id) }
        }
        let id = ids.first ?? make(identity)
        let isKnownUser = identity.userID.map { owners[ContactAlias(identity.account, .user, $0)] == id } ?? true
        for other in ids.dropFirst() { merge(other, into: id) }
        for alias in identity.aliases where owners[alias] == nil {
            owners[alias] = id
            newAliases.append((alias, id))
        }
        learn(identity, about: id, isKnownUser: isKnownUser)
        return contacts[id]!
    }

    /// The contact of one identity, if there is one.
    func find(_ identity: ContactIdentity) -> ContactID? { identity.lookups.lazy.compactMap { owners[$0] }.first }

    /// Takes in what a webhook says about the contact beyond its ids. One that comes late, or again, only fills in what
    /// is not known.
    mutating func describe(_ id: ContactID, name: String?, username: String?, at time: Milliseconds) {
        let isNewest = time >= described[id] ?? 0
        update(id) {
            $0.name = isNewest ? name ?? $0.name : $0.name ?? name
            $0.username = isNewest ? username ?? $0.username : $0.username ?? username
        }
        described[id, default: 0].raise(to: time)
    }

    /// The customer has moved: answers go to the new number or BSUID from now on, in the same room.
    mutating func move(_ id: ContactID, to identity: ContactIdentity) {
        for alias in identity.aliases {
            if let owner = owners[alias], owner != id { merge(owner, into: id) }
            if owners[alias] == nil {
                owners[alias] = id
                newAliases.append((alias, id))
            }
        }
        update(id) {
            if let phone = identity.phones.first {
                $0.waID = phone
                $0.phoneNumber = "+\(phone)"
            }
            $0.userID = identity.userID ?? $0.userID
        }
    }

    private mutating func update(_ id: ContactID, _ body: (inout Contact) -> Void) {
        guard var contact = contacts[id] else { return }
        body(&contact)
        if contact != contacts[id] {
            contacts[id] = contact
            changed.insert(id)
        }
    }

    private mutating func make(_ identity: ContactIdentity) -> ContactID {
        let id = ContactID.make(at: now)
        let room = accounts.find(identity.account)?.roomName(for: identity.subject)
        contacts[id] = Contact(id: id, identity: identity, room: room ?? RoomName(rawValue: "whatsapp_\(id.rawValue)"))
        newContacts.append(id)
        return id
    }

    /// A BSUID that was known before may be the one that the customer had then; a new one is the one of today.
    private mutating func learn(_ identity: ContactIdentity, about id: ContactID, isKnownUser: Bool) {
        update(id) {
            if $0.waID == nil, let phone = identity.phones.first {
                $0.waID = phone
                $0.phoneNumber = "+\(phone)"
            }
            if $0.userID == nil || !isKnownUser { $0.userID = identity.userID ?? $0.userID }
        }
    }

    private mutating func merge(_ other: ContactID, into id: ContactID) {
        guard let gone = contacts[other] else { return }
        for (alias, owner) in owners where owner == other { owners[alias] = id }
        newAliases = newAliases.map { $0.1 == other ? ($0.0, id) : $0 }
        update(id) {
            $0.waID = $0.waID ?? gone.waID
            $0.phoneNumber = $0.phoneNumber ?? gone.phoneNumber
            $0.userID = $0.userID ?? gone.userID
            $0.name = $0.name ?? gone.name
            $0.username = $0.username ?? gone.username
        }
        merges.append((from: other, into: id))
    }

    /// Whether `store` has nothing to write.
    var isLevel: Bool { newContacts.isEmpty && newAliases.isEmpty && merges.isEmpty && changed.isEmpty }

    /// Writes what is new: contacts, rooms, aliases, merges and what was learnt. `redirectRooms` follows once the rooms
    /// are locked.
    /// - Throws: `SQLError` of kind `unique` when another gateway made the same contact first: start over then.
    mutating func store(_ session: SQLSession) throws {
        try ContactWriter(now: now).store(
            created: newContacts.compactMap { contacts[$0] },
            changed: changed.subtracting(newContacts).compactMap { contacts[$0] }, aliases: newAliases, merges: merges,
            session)
    }

    /// The rooms of contacts that were merged into others: to be locked with the rooms that are written to.
    var mergedRooms: [RoomName] { merges.compactMap { contacts[$0.from]?.room } }

    /// Lets the merged rooms point to where the conversation goes on. Call it while holding their locks.
    func redirectRooms(_ session: SQLSession) throws {
        var pairs: [RoomName: RoomName] = [:]
        for merge in merges {
            guard let from = contacts[merge.from]?.room, let into = contacts[merge.into]?.room else { continue }
            pairs[from] = into
        }
        try ContactWriter(now: now).redirect(pairs, session)
    }
}
