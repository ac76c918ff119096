import JSON

/// Everything that phones and chats are, as a value: each change says what is to be reported and when to go on.
struct World: Sendable {
    /// What happens next to a message: its progress has been stored, this is to be told.
    struct Advance: Sendable {
        let progress: Progress
        let update: WebhookUpdate
        /// Wait before the step after this one; nil when it ends here.
        let next: Duration?
        /// What the customer answers now.
        let reply: String?
    }

    /// What stays the same about the business.
    struct Rules: Sendable {
        var businessNumber: String
        var delays: StatusDelays
        var autoReply: String?
        var enforceWindow: Bool
    }

    /// A phone lists at most this many messages, and twice as many are kept in its list.
    static let listLimit = 5_000

    var rules: Rules
    var phones = PhoneBook()
    var log: MessageLog
    /// Sequences of each phone's messages, oldest first; some may have been dropped from the log.
    private var chats: [String: [Int]] = [:]

    init(rules: Rules, limit: Int) {
        self.rules = rules
        log = MessageLog(limit: limit)
    }

    // MARK: Business to customer

    /// Takes a message that the Graph API has found good.
    /// - Returns: the message, the phone it goes to, and the wait before its first step.
    mutating func accept(_ request: SendRequest, at now: Int64) -> (ChatMessage, Phone, Duration) {
        let phone = phones.phone(request.address, delays: rules.delays)
        let special = SpecialNumber(phone.key)
        var failure: GraphError?
        if case .failsLater(let code) = special {
            failure = GraphError(code: code)
        } else if phone.blocked {
            failure = GraphError(code: 131026)
        } else if rules.enforceWindow, request.type != "template", now - (phone.lastWrote ?? 0) > 86_400_000 {
            failure = GraphError(code: 131047)
        }
        let message = ChatMessage(
            sequence: log.next, id: Wamid.outgoing(to: phone.key), fromBusiness: true, phone: phone.key,
            type: request.type, text: request.summary, content: request.content.text, replyTo: request.context,
            callbackData: request.callbackData, category: request.category, at: now, toUserID: request.toUserID,
            progress: .accepted, failure: failure)
        store(message)
        return (message, phone, phone.delays.sent)
    }

    /// The next step of a message, if it still stands at `expected`.
    mutating func advance(_ id: String, from expected: Progress, at now: Int64) -> Advance? {
        guard let message = log[id], message.progress == expected, let phone = phones[message.phone] else { return nil }
        let special = SpecialNumber(phone.key)
        switch expected {
        case .accepted where message.failure != nil:
            return report(message, phone, .failed, at: now, next: nil)
        case .accepted:
            let stops = message.type == "reaction" || !phone.online || special == .onlySent
            return report(message, phone, .sent, at: now, next: stops ? nil : phone.delays.delivered)
        case .sent where phone.online:
            let stops = phone.reads != .always || special == .neverRead
            return report(message, phone, .delivered, at: now, next: stops ? nil : phone.delays.read)
        case .delivered where phone.reads == .always:
            let reply = phone.autoReply ?? rules.autoReply
            return report(message, phone, .read, at: now, next: nil, reply: reply == "" ? nil : reply)
        default:
            return nil
        }
    }

    /// Reports any status, whether it fits or not; the message keeps the further one.
    mutating func force(_ id: String, to progress: Progress, failure: GraphError?, at now: Int64) -> Advance? {
        guard var message = log[id], message.fromBusiness, let phone = phones[message.phone] else { return nil }
        if let failure {
            message.failure = failure
            log.update(id) { $0.failure = failure }
        }
        return report(message, phone, progress, at: now, next: nil)
    }

    /// Opens the chat: everything that lies there is read. Receipts that are switched off stay off.
    mutating func readAll(_ key: String, at now: Int64) -> [Advance] {
        guard let phone = phones[key], phone.reads != .never else { return [] }
        var reports: [Advance] = []
        for message in messages(of: phone.key)
        where message.fromBusiness && message.failure == nil && message.type != "reaction" {
            guard message.progress.rank < Progress.read.rank else { continue }
            for step in [Progress.sent, .delivered, .read] where step.rank > message.progress.rank {
                reports.append(report(message, phone, step, at: now, next: nil))
            }
        }
        return reports
    }

    /// Messages that wait for the phone to come online.
    func waiting(for key: String) -> [String] {
        guard SpecialNumber(key) != .onlySent else { return [] }
        return messages(of: key)
            .filter { $0.fromBusiness && $0.progress == .sent && $0.type != "reaction" }.map(\.id)
    }

    // MARK: Customer to business

    mutating func say(_ words: CustomerWords, from address: String, at now: Int64) -> (
        id: String, update: WebhookUpdate
    ) {
        let phone = phones.phone(address, delays: rules.delays)
        let id = words.id ?? Wamid.incoming(from: phone.key)
        let item = words.item(id: id, phone: phone, businessNumber: rules.businessNumber, at: now)
        store(
            ChatMessage(
                sequence: log.next, id: id, fromBusiness: false, phone: phone.key, type: words.type,
                text: words.summary, content: words.content.text, replyTo: words.replyTo, callbackData: nil,
                category: "", at: now, toUserID: false, progress: .delivered))
        phones.update(phone.key) { $0.lastWrote = now }
        let update = WebhookUpdate(
            kind: .message(item), contact: phone.contact(), lane: phone.key, label: "message \(id)")
        return (id, update)
    }

    /// Blue ticks for the customer: this message and the earlier ones of its chat.
    /// - Returns: false when there is no such message of a customer.
    mutating func markRead(_ id: String, at now: Int64) -> Bool {
        guard let target = log[id], !target.fromBusiness else { return false }
        for sequence in (chats[target.phone] ?? []).reversed() where sequence <= target.sequence {
            guard let message = log[sequence], !message.fromBusiness else { continue }
            if message.progress == .read { break }
            log.update(message.id) {
                $0.progress = .read
                $0.steps.append((.read, now))
            }
        }
        return true
    }

    /// The messages of one phone that are still kept, oldest first.
    func messages(of key: String, limit: Int = listLimit) -> [ChatMessage] {
        (chats[key] ?? []).suffix(limit).compactMap { log[$0] }
    }

    /// Of all phones, those to come as well.
    mutating func setDelays(_ delays: StatusDelays) {
        rules.delays = delays
        for key in Array(phones.keys) { phones.update(key) { $0.delays = delays } }
    }

    mutating func removeAll() {
        phones.removeAll()
        log.removeAll()
        chats = [:]
    }

    // MARK: Parts

    private mutating func store(_ message: ChatMessage) {
        log.append(message)
        chats[message.phone, default: []].append(message.sequence)
        if let count = chats[message.phone]?.count, count > 2 * Self.listLimit {
            chats[message.phone]?.removeFirst(count - Self.listLimit)
        }
    }

    private mutating func report(
        _ message: ChatMessage, _ phone: Phone, _ progress: Progress, at now: Int64, next: Duration?,
        reply: String? = nil
    ) -> Advance {
        log.update(message.id) {
            $0.steps.append((progress, now))
            if progress.rank > $0.progress.rank { $0.progress = progress }
        }
        let update = WebhookUpdate(
            kind: .status(StatusReport(message: message, phone: phone, progress: progress, at: now).json),
            contact: progress == .failed ? nil : phone.contact(withUsername: progress != .sent), lane: phone.key,
            label: "\(progress.rawValue) \(message.id)")
        return Advance(progress: progress, update: update, next: next, reply: reply)
    }
}
