import JSON
import LiveKit
import Synchronization
import WhatsApp

/// Sends the customer what is said in a LiveKit room: each text once, in the order in which it was said.
struct RoomHearing: Sendable {
    let room: Room
    let connection: RoomConnection
    let context: TalkContext
    /// Raised when the gateway stops: then nothing is waited for long.
    let isStopping: Flag

    /// That somebody is there may be told later than what they say.
    private static let introduction: Duration = .seconds(5)
    private static let patience: Duration = .seconds(600)
    private static let lastPatience: Duration = .seconds(5)

    /// Runs until the connection is over and everything is stored that was said before.
    func run() async {
        for await activity in connection.activities {
            switch activity {
            case .said(let text): await take(text)
            case .ended(let reason):
                context.logger.info(
                    "a LiveKit room was lost", metadata: ["reason": "\(reason.map { "\($0)" } ?? "library")"])
            }
        }
    }

    private func take(_ text: RoomText) async {
        let member = await member(text.identity)
        guard let words = SpokenWords(text, isAgent: member?.isAgent == true) else { return }
        let sender = Draft.Sender(
            id: text.identity, name: member.flatMap { $0.name.isEmpty ? nil : $0.name },
            type: member?.isAgent == true ? "agent" : "human")
        for (number, part) in words.parts.enumerated() {
            let content: OutgoingContent
            do {
                content = try .text(body: part, previewURL: false, path: "text")
            } catch {
                return context.logger.warning("what was said in LiveKit is no text")
            }
            let draft = Draft(content: content, sender: sender)
            guard await send(draft, key: words.idempotencyKey(ofPart: number, in: room.name), to: text) else { return }
        }
    }

    private func member(_ identity: String) async -> RoomMember? {
        let start = ContinuousClock.now
        while true {
            if let member = connection.member(identity) { return member }
            if connection.isOver || ContinuousClock.now - start > Self.introduction { return nil }
            // Only the end of the program cancels it.
            try? await Task.sleep(for: .milliseconds(100))
        }
    }

    /// Tries on while the database is away; the key keeps it from being sent twice, whichever gateway heard it as well.
    /// - Returns: false when it can't be sent.
    private func send(_ draft: Draft, key: String, to text: RoomText) async -> Bool {
        let start = ContinuousClock.now
        while true {
            do throws(GatewayError) {
                let submission = try await context.outbound.submit(
                    draft, to: .room(room.name), idempotencyKey: key)
                if !submission.replayed { context.counters.heard.increment() }
                return true
            } catch {
                switch error.code {
                case .conflict: return true  // sent already, under a name that was not known then
                case .unavailable, .rateLimited:
                    let limit = isStopping.isRaised ? Self.lastPatience : Self.patience
                    if ContinuousClock.now - start > limit {
                        await refuse(error, text)
                        return false
                    }
                    // Only the end of the program cancels it.
                    try? await Task.sleep(for: .milliseconds(500))
                default:
                    await refuse(error, text)
                    return false
                }
            }
        }
    }

    /// Tells the speaker alone.
    private func refuse(_ error: GatewayError, _ text: RoomText) async {
        context.logger.warning(
            "what was said in LiveKit was not sent",
            metadata: ["code": "\(error.code.rawValue)", "reason": "\(error.message)"])
        let code = error.code.rawValue.replacing(/[A-Z]/) { "_\($0.output)" }.uppercased()
        let told: JSONObject = [
            "streamId": .string(text.streamID),
            "error": ["code": .string(code), "message": .string(error.message)],
        ]
        do throws(ParticipantError) {
            try await connection.say(
                String(decoding: JSON.object(told).encoded(), as: UTF8.self), topic: TalkContext.refusals,
                to: [text.identity])
        } catch {
            context.logger.info("a speaker in LiveKit could not be told", metadata: ["cause": "\(error.summary)"])
        }
    }
}
