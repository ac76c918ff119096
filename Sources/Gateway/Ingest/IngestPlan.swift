import JSON
import WhatsApp

/// What a batch of webhooks asks for, sorted by kind and still in the order of arrival. Made without a database.
struct IngestPlan {
    struct Arrival {
        let webhook: Int
        let receivedAt: Milliseconds
        let item: IncomingMessage
        let identity: ContactIdentity
        let sender: WebhookContact?
        let origin: Origin

        var message: MessageIdentity { MessageIdentity(account: identity.account, item) }
    }

    enum Origin: Equatable {
        case customer
        /// Written by the business on its phone.
        case echo
        /// From before the gateway knew the number; `outgoing` as far as it can be told.
        case history(outgoing: Bool, status: String?)

        var isOutgoing: Bool {
            switch self {
            case .customer: false
            case .echo: true
            case .history(let outgoing, _): outgoing
            }
        }
    }

    struct Report {
        let account: AccountID
        let update: StatusUpdate
        let receivedAt: Milliseconds
    }

    /// A contact has a new number or BSUID.
    struct Move {
        let from: ContactIdentity
        let to: ContactIdentity
        /// The message that tells it; nil for a notice that is no message.
        let message: MessageIdentity?
    }

    /// What may stand in a better form than it was stored: media of an old message, whose place a message without them
    /// may hold by now, and, on a replay, a message that could not be understood before.
    struct FollowUp {
        let webhook: Int
        let identity: MessageIdentity
        let item: IncomingMessage
        /// Whether it says whose conversation it belongs to, so that it can also stand for itself.
        let namesContact: Bool
    }

    struct Call {
        let identity: ContactIdentity
        let timestamp: Milliseconds
    }

    private(set) var arrivals: [Arrival] = []
    private(set) var changes: [MessageChange] = []
    private(set) var reports: [Report] = []
    private(set) var moves: [Move] = []
    private(set) var followUps: [FollowUp] = []
    private(set) var calls: [Call] = []
    /// Two ids of one customer that a status shows together.
    private(set) var sightings: Set<ContactIdentity> = []
    /// What each webhook's raw event says of its outcome.
    private(set) var outcomes: [WebhookOutcome]

    init(_ webhooks: [ReceivedWebhook], accounts: AccountDirectory) {
        outcomes = webhooks.map { WebhookOutcome(problem: $0.webhook.problem, items: $0.webhook.items.count) }
        for (index, received) in webhooks.enumerated() {
            let first = arrivals.count
            for item in received.webhook.items {
                guard let numberID = item.phoneNumberID else {
                    if case .unsupported(let reason, _) = item.content { outcomes[index].unsupported(reason) }
                    continue
                }
                guard let account = accounts.find(phoneNumberID: numberID) else {
                    outcomes[index].unrouted(numberID)
                    continue
                }
                take(item, account.id, from: index, at: received.receivedAt)
            }
            if received.isReplay { followUps += arrivals[first...].compactMap(Self.betterReading) }
        }
    }

    /// Whether there is nothing but messages, each by itself.
    var isOfNewMessages: Bool {
        !arrivals.isEmpty && changes.isEmpty && reports.isEmpty && moves.isEmpty && followUps.isEmpty && calls.isEmpty
            && sightings.isEmpty
    }

    /// The messages that statuses, changes and media that follow are about.
    var targets: Set<MessageIdentity> {
        Set(
            reports.map { MessageIdentity(account: $0.account, whatsappMessageID: $0.update.id) }
                + changes.map { MessageIdentity(account: $0.account, whatsappMessageID: $0.target) }
                + followUps.map(\.identity))
    }

    private mutating func take(_ item: WebhookItem, _ account: AccountID, from webhook: Int, at now: Milliseconds) {
        switch item.content {
        case .message(let message, let sender):
            take(message, sender, .customer, account, webhook, now)
        case .echo(let message, let contact):
            take(message, contact, .echo, account, webhook, now)
        case .history(let message, let thread, let status):
            let outgoing = Self.isOutgoing(message, thread: thread, business: item.displayPhoneNumber)
            take(
                message, nil, .history(outgoing: outgoing, status: status), account, webhook, now, thread: thread)
        case .status(let update, let contact):
            reports.append(Report(account: account, update: update, receivedAt: now))
            let seen = Self.identity(of: update, contact, account)
            if !seen.phones.isEmpty, seen.userID != nil { sightings.insert(seen) }
        case .identityChange(let change):
            var from = ContactIdentity(account: account, userID: change.previousUserID)
            if let waID = change.waID { from.phones = [waID] }
            if !from.isEmpty {
                let to = ContactIdentity(account: account, userID: change.currentUserID)
                moves.append(Move(from: from, to: to, message: nil))
            }
        case .call(let call):
            if call.opensWindow {
                let identity = ContactIdentity(
                    account: account, phones: [call.from].compactMap(\.self), userID: call.fromUserID)
                if !identity.isEmpty { calls.append(Call(identity: identity, timestamp: call.timestamp ?? now)) }
            }
        case .unsupported(let reason, _): outcomes[webhook].unsupported(reason)
        case .contactSync, .errors, .notice: break
        }
    }

    private mutating func take(
        _ message: IncomingMessage, _ sender: WebhookContact?, _ origin: Origin, _ account: AccountID, _ webhook: Int,
        _ now: Milliseconds, thread: String? = nil
    ) {
        if let change = MessageChange(message, origin: origin, account: account, receivedAt: now) {
            changes.append(change)
            return
        }
        var identity = Self.identity(of: message, sender, thread, outgoing: origin.isOutgoing, account)
        if case .system(let notice) = message.content {
            let (from, to) = Self.move(notice, message, account)
            if !from.isEmpty { identity = from }
            if !from.isEmpty, !to.isEmpty {
                moves.append(Move(from: from, to: to, message: MessageIdentity(account: account, message)))
            } else if from.isEmpty {
                identity = to
            }
        }
        if case .history = origin, message.id != nil, case .media(let media) = message.content, media.id != nil {
            followUps.append(
                FollowUp(
                    webhook: webhook, identity: MessageIdentity(account: account, message), item: message,
                    namesContact: !identity.isEmpty))
            if identity.isEmpty { return }
        }
        guard !identity.isEmpty else {
            outcomes[webhook].unsupported(Self.withoutContact)
            return
        }
        arrivals.append(
            Arrival(
                webhook: webhook, receivedAt: now, item: message, identity: identity, sender: sender, origin: origin))
    }

    private static func betterReading(_ arrival: Arrival) -> FollowUp? {
        if case .unsupported = arrival.item.content { return nil }
        guard arrival.item.id != nil else { return nil }
        return FollowUp(
            webhook: arrival.webhook, identity: arrival.message, item: arrival.item, namesContact: true)
    }

    /// What of it was erased before.
    private(set) var erased: Set<MessageIdentity> = []

    /// The changes themselves and what they change.
    var changedIdentities: Set<MessageIdentity> {
        Set(
            changes.flatMap {
                [$0.id, $0.target].map { [account = $0.account] id in
                    MessageIdentity(account: account, whatsappMessageID: id)
                }
            })
    }

    /// Our ids that came back with reports.
    var callbacks: Set<MessageIdentity> {
        Set(
            reports.compactMap { report in
                report.update.callbackData.map { MessageIdentity(account: report.account, whatsappMessageID: $0) }
            })
    }

    /// Leaves out what was erased: it must not come back.
    mutating func leaveOutErased(_ identities: Set<MessageIdentity>) {
        guard !identities.isEmpty else { return }
        erased.formUnion(identities)
        arrivals.removeAll { identities.contains($0.message) }
        followUps.removeAll { identities.contains($0.identity) }
        moves.removeAll { $0.message.map(identities.contains) ?? false }
        changes.removeAll { change in
            [change.id, change.target].contains {
                identities.contains(MessageIdentity(account: change.account, whatsappMessageID: $0))
            }
        }
        reports.removeAll { report in
            [report.update.id, report.update.callbackData].compactMap(\.self).contains {
                identities.contains(MessageIdentity(account: report.account, whatsappMessageID: $0))
            }
        }
    }

    /// Leaves out what has outlived its time and was brought in before: it must not come back after its purge.
    mutating func leaveOut(_ isExpired: (Arrival) -> Bool) { arrivals.removeAll(where: isExpired) }

    private static let withoutContact = "a message that names no customer"

    /// Notes media that say neither whose they are nor of which known message.
    mutating func setAside(_ followUp: FollowUp) { outcomes[followUp.webhook].unsupported(Self.withoutContact) }

    /// Old messages tell their direction by their author: the business, or else the customer of the thread.
    private static func isOutgoing(_ message: IncomingMessage, thread: String?, business: String?) -> Bool {
        guard let from = message.from else { return false }
        if let business { return digits(from) == digits(business) }
        guard let thread, let customer = PhoneNumber(thread) else { return false }
        return from != thread && !customer.variants.contains(from)
    }

    private static func identity(
        of message: IncomingMessage, _ contact: WebhookContact?, _ thread: String?, outgoing: Bool, _ account: AccountID
    ) -> ContactIdentity {
        if let group = message.groupID { return ContactIdentity(account: account, groupID: group) }
        var phones: [String] = []
        for phone in [outgoing ? message.to ?? thread : message.from, contact?.waID].compactMap(\.self)
        where !phones.contains(phone) {
            phones.append(phone)
        }
        let user = (outgoing ? message.toUserID : message.fromUserID) ?? contact?.userID
        return ContactIdentity(account: account, phones: phones, userID: user)
    }

    /// Whom a status is about. In a group the ids are those of the group.
    private static func identity(
        of update: StatusUpdate, _ contact: WebhookContact?, _ account: AccountID
    ) -> ContactIdentity {
        guard !update.isGroup, update.participant == nil else { return ContactIdentity(account: account) }
        var identity = ContactIdentity(account: account, userID: update.recipientUserID ?? contact?.userID)
        for phone in [update.recipientID, contact?.waID].compactMap(\.self) where !identity.phones.contains(phone) {
            identity.phones.append(phone)
        }
        return identity
    }

    private static func move(
        _ notice: SystemNotice, _ message: IncomingMessage, _ account: AccountID
    ) -> (from: ContactIdentity, to: ContactIdentity) {
        let old = notice.previousWaID ?? message.from
        let from = ContactIdentity(
            account: account, phones: [old].compactMap(\.self),
            userID: notice.previousUserID ?? (notice.newUserID == nil ? message.fromUserID : nil))
        let to = ContactIdentity(
            account: account, phones: [notice.newWaID].compactMap(\.self), userID: notice.newUserID)
        return (from, to)
    }

    private static func digits(_ number: String) -> String { number.filter(\.isNumber) }
}
