import JSON

/// Takes the value of one change apart, whatever of it is there: a value may hold messages, statuses and errors at once.
struct ChangeParser {
    private let value: LooseObject
    private let contacts: ContactBook
    private let limit: Int
    private var contents: [WebhookContent] = []

    /// - Parameter limit: how many items at most; the walk ends there.
    init(_ value: LooseObject, limit: Int) {
        self.value = value
        self.limit = limit
        contacts = ContactBook(value["contacts"])
    }

    mutating func parse(_ field: WebhookField) -> [WebhookContent] {
        switch field {
        case .messages:
            messages()
            statuses()
        case .echoes:
            echoes("message_echoes") { .echo($0, contact: $1) }
            echoes("messages") { .echo($0, contact: $1) }
            statuses()
        case .history:
            history()
            echoes("messages") { message, _ in .history(message, threadID: nil, status: nil) }
            echoes("message_echoes") { message, _ in .history(message, threadID: nil, status: nil) }
        case .identityChanges: list("user_id_update") { IdentityChange($0).map { .identityChange($0) } }
        case .calls:
            list("calls") { CallEvent($0).map { .call($0) } }
            statuses()
        case .contactSync: list("state_sync") { ContactSync($0).map { .contactSync($0) } }
        case .notice: return [.notice(value.json)]
        }
        errors(value["errors"])
        if contents.isEmpty, let stranger = stranger() {
            contents.append(.unsupported(reason: "nothing known beside `\(stranger.prefix(100))`", raw: value.json))
        }
        return contents
    }

    private mutating func messages() {
        let isLone = hasLoneSender(value.array("messages") ?? [])
        let contacts = contacts
        list("messages") { item in
            let message = IncomingMessage(item)
            let sender =
                contacts.find(phone: message.from, userID: message.fromUserID) ?? (isLone ? contacts.nameless : nil)
            return .message(message, sender: sender)
        }
    }

    private mutating func echoes(_ key: String, _ make: (IncomingMessage, WebhookContact?) -> WebhookContent) {
        let contacts = contacts
        list(key) { item in
            let message = IncomingMessage(item)
            return make(message, contacts.find(phone: message.to, userID: message.toUserID))
        }
    }

    private mutating func statuses() {
        let contacts = contacts
        list("statuses") { item in
            if item.text("type") == "call" { return CallEvent(item).map { .call($0) } }
            guard let update = StatusUpdate(item) else { return nil }
            let contact =
                contacts.find(phone: update.participant, userID: nil)
                ?? contacts.find(phone: update.recipientID, userID: update.recipientUserID)
            return .status(update, contact: contact)
        }
    }

    private mutating func history() {
        for chunk in objects("history") {
            errors(chunk["errors"])
            for thread in objects("threads", of: chunk) {
                let id = thread.phone("id")
                for item in objects("messages", of: thread) {
                    let status = item.object("history_context")?.text("status")
                    append(.history(IncomingMessage(item), threadID: id, status: status))
                }
            }
        }
    }

    private mutating func errors(_ json: JSON?) {
        guard let json, !json.isNull, json != [] else { return }
        let errors = MetaError.parseList(json)
        append(errors.isEmpty ? .unsupported(reason: "`errors` that are no objects", raw: json) : .errors(errors))
    }

    /// Each item of an array by itself; one that gives nothing is kept as it came.
    private mutating func list(_ key: String, _ make: (LooseObject) -> WebhookContent?) {
        for item in objects(key) {
            append(make(item) ?? .unsupported(reason: "an item of `\(key)` without its ids", raw: item.json))
        }
    }

    private mutating func objects(_ key: String) -> [LooseObject] { objects(key, of: value) }

    /// The objects of an array; what is no object, or no array, is kept as unsupported.
    private mutating func objects(_ key: String, of parent: LooseObject) -> [LooseObject] {
        guard let json = parent.value(key) else { return [] }
        guard let items = json.array else {
            append(.unsupported(reason: "`\(key)` is not an array", raw: json))
            return []
        }
        var objects: [LooseObject] = []
        for item in items.prefix(limit) {
            if let object = LooseObject(item) {
                objects.append(object)
            } else {
                append(.unsupported(reason: "an item of `\(key)` that is no object", raw: item))
            }
        }
        return objects
    }

    private mutating func append(_ content: WebhookContent) {
        if contents.count < limit { contents.append(content) }
    }

    /// Whether all messages are of one sender, so that a contact without any id can only be theirs.
    private func hasLoneSender(_ messages: [JSON]) -> Bool {
        func sender(_ message: JSON) -> [String?] {
            let message = LooseObject(message)
            return [message?.phone("from"), message?.text("from_user_id")]
        }
        guard contacts.nameless != nil, let first = messages.first.map(sender) else { return false }
        return messages.dropFirst().allSatisfy { sender($0) == first }
    }

    /// A key that carries something and isn't one of those that are understood.
    private func stranger() -> String? {
        let known: Set = [
            "messaging_product", "metadata", "contacts", "messages", "statuses", "errors", "message_echoes", "history",
            "user_id_update", "calls", "state_sync",
        ]
        return value.json.object?.first { !known.contains($0.key) && !$0.value.isNull }?.key
    }
}
