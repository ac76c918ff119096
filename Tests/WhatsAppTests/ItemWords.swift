import Foundation
import JSON

@testable import WhatsApp

/// A webhook's items in words, so that a table can say what each of the fixtures gives.
/// Absent parts are left out; texts are cut to 32 characters, control characters escaped.
enum ItemWords {
    static func of(_ webhook: Webhook) -> [String] {
        let items = webhook.items.map(of)
        // A long batch is told by its counts.
        guard items.count > 30 else { return items }
        return Dictionary(grouping: items, by: { $0.prefix { $0 != "→" } }).map { "\($1.count) × \($0)" }.sorted()
    }

    static func of(_ item: WebhookItem) -> String {
        switch item.content {
        case .message(let message, let sender):
            "message " + of(message) + of(sender, beside: [message.from, message.fromUserID])
        case .echo(let message, let contact):
            "echo " + of(message) + of(contact, beside: [message.to, message.toUserID])
        case .history(let message, let thread, let status):
            "history " + of(message) + word(" thread ", thread) + word(" ", status)
        case .status(let update, let contact):
            "status " + of(update)
                + of(contact, beside: [update.recipientID, update.recipientUserID, update.participant])
        case .identityChange(let change):
            "identity \(change.previousUserID ?? "-") → \(change.currentUserID ?? "-")" + word(" of ", change.waID)
        case .call(let call):
            "call \(call.id)" + word(" ", call.event) + word(" ", call.status) + word(" ", call.direction)
                + word(" from ", call.from) + word(" to ", call.to) + (call.opensWindow ? " opens the window" : "")
        case .contactSync(let sync): "contact \(sync.action) \(sync.phone)" + text(" ", sync.fullName)
        case .errors(let errors): "errors " + codes(errors)
        case .notice(let value): "notice \(item.field)" + word(" ", value["event"]?.string)
        case .unsupported(let reason, _): "unsupported: \(reason)"
        }
    }

    private static func of(_ message: IncomingMessage) -> String {
        of(message.content)
            + word(" from ", message.from) + word(" user ", message.fromUserID) + word(" to ", message.to)
            + word(" to user ", message.toUserID) + word(" in group ", message.groupID)
            + of(message.context) + word(" after ", message.referral?["source_type"]?.string)
            + (message.errors.isEmpty ? "" : " with " + codes(message.errors))
            + (message.id == nil ? " no id" : "") + (message.timestamp == nil ? " no time" : "")
    }

    static func of(_ content: MessageContent) -> String {
        switch content {
        case .text(let body): "text" + text(" ", body)
        case .media(let media):
            media.kind.rawValue + word(" ", media.id) + word(" ", media.mimeType) + text(" caption ", media.caption)
                + text(" file ", media.fileName) + (media.voice ? " voice" : "") + (media.animated ? " animated" : "")
                + (media.url == nil ? " no url" : "")
        case .location(let place): "location \(place.latitude) \(place.longitude)" + text(" ", place.name)
        case .contacts(let cards):
            "contacts " + cards.map { $0["name"]?["formatted_name"]?.string ?? "nameless" }.joined(separator: ", ")
        case .interactive(let reply):
            reply.kind + word(" ", reply.id) + text(" ", reply.title) + text(" ", reply.description)
                + text(" response ", reply.data["response"]?.text) + text(" raw ", reply.data["response_json"]?.string)
        case .button(let label, let payload): "button" + text(" ", label) + text(" ", payload)
        case .reaction(_, let emoji): "reaction" + text(" ", emoji)
        case .order(let order):
            "order of \(order["product_items"]?.array?.count ?? 0)" + text(" ", order["text"]?.string)
        case .system(let notice):
            "system \(notice.kind)" + word(" ", notice.previousWaID) + word(" ", notice.previousUserID) + " →"
                + word(" ", notice.newWaID) + word(" ", notice.newUserID)
        case .edit(_, let type, let content): "edit \(type) as " + of(content)
        case .revoke: "revoke"
        case .welcome: "welcome"
        case .unsupported(let kind, let reason): "unsupported \(kind ?? "-"): \(reason.prefix(40))"
        }
    }

    private static func of(_ update: StatusUpdate) -> String {
        update.status + " →" + word(" ", update.recipientID) + word(" user ", update.recipientUserID)
            + (update.isGroup ? " (group)" : "") + word(" participant ", update.participant)
            + text(" callback ", update.callbackData) + word(" ", update.pricing?["category"]?.string)
            + (update.conversation == nil ? "" : " conversation")
            + (update.errors.isEmpty ? "" : " with " + codes(update.errors))
    }

    /// The contact's name, and those of its ids that the item itself doesn't say.
    private static func of(_ contact: WebhookContact?, beside known: [String?]) -> String {
        guard let contact else { return "" }
        let ids = [contact.waID, contact.userID, contact.username.map { "@\($0)" }].compactMap(\.self)
            .filter { !known.contains($0) }
        return " by \(contact.name ?? "?")" + (ids.isEmpty ? "" : " (\(ids.joined(separator: " ")))")
    }

    private static func of(_ context: MessageContext?) -> String {
        guard let context else { return "" }
        return (context.messageID == nil ? "" : " quoting \(context.from ?? "?")")
            + (context.forwarded ? " forwarded" : "") + (context.frequentlyForwarded ? " frequently forwarded" : "")
            + (context.referredProduct == nil ? "" : " about a product")
    }

    private static func codes(_ errors: [MetaError]) -> String {
        errors.map { $0.code.map(String.init) ?? "?" }.joined(separator: " ")
    }

    private static func word(_ lead: String, _ value: String?) -> String { value.map { lead + $0 } ?? "" }

    private static func text(_ lead: String, _ value: String?) -> String {
        guard let value else { return "" }
        let scalars = value.unicodeScalars
        let escaped = scalars.prefix(32).map { $0.value < 32 || $0.value == 127 ? "<\($0.value)>" : String($0) }
        return lead + "“" + escaped.joined() + (scalars.count > 32 ? "…\(scalars.count)" : "") + "”"
    }
}
