import JSON
import SQL
import WhatsApp

@testable import Gateway

extension Harness {
    /// What a gateway does with this webhook, but its commit.
    /// - Parameter inShort: what it tries first, and what is enough when all customers are known.
    func ingestion(of body: JSON, inShort: Bool = false) -> @Sendable (SQLSession) throws -> Void {
        let received = ReceivedWebhook(body: body.encoded(), receivedAt: clock.now)
        let transaction = gateway.ingest.writer.transaction
        let now = clock.now
        return { session in _ = try transaction.run([received], at: now, inShort: inShort, session) }
    }

    /// Runs the second transaction while the first is not committed, and commits the first once the second waits for it
    /// or has gone past it.
    func interleave(
        _ first: @escaping @Sendable (SQLSession) throws -> Void,
        _ second: @escaping @Sendable (SQLSession) throws -> Void
    ) async throws {
        try await HeldTransaction(database, first).beside {
            try await gateway.database.transaction(second)
        }.get()
    }

    /// An echo of what the business wrote on its phone.
    func echo(_ body: String, to phone: String, id: String) -> JSON {
        Self.webhook(
            [
                "message_echoes": [
                    [
                        "from": .string(Self.businessNumber), "to": .string(phone), "id": .string(id),
                        "timestamp": .string(String(clock.now / 1000)), "type": "text",
                        "text": ["body": .string(body)],
                    ]
                ]
            ], field: "smb_message_echoes")
    }
}

extension SendHarness {
    /// What a gateway does with Meta's answer to the sending of this message, but its commit.
    func answer(to message: Message, _ content: OutgoingContent? = nil, wamid: String)
        -> @Sendable (SQLSession) throws -> Void
    {
        let store = MessageStore(isMirrored: false)
        let now = harness.clock.now
        let effects = SentEffects(messages: store, now: now)
        return { session in
            let receipt = SendReceipt(messageID: wamid)
            try effects.prepare(for: receipt, of: message, session)
            try store.change(message.messageID, at: now, session) { message in
                message.whatsappMessageID = receipt.messageID
                message.status = .sent
                try effects.apply(to: &message, content, session)
                return true
            }
        }
    }
}
