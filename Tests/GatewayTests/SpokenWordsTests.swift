import Testing

@testable import Gateway
@testable import LiveKit

/// Which of what is said in a LiveKit room is for the customer, and in which messages.
@Suite struct SpokenWordsTests {
    private static func words(
        _ text: String, on topic: String = "lk.chat", isAgent: Bool = false, _ attributes: [String: String] = [:]
    ) -> SpokenWords? {
        SpokenWords(
            RoomText(topic: topic, identity: "a", streamID: "s1", text: text, attributes: attributes),
            isAgent: isAgent)
    }

    @Test func `people's chat and agents' final words are for the customer, and nothing else`() {
        #expect(Self.words(" Hello\n")?.parts == ["Hello"])
        #expect(Self.words("Hello", isAgent: true)?.parts == ["Hello"])
        #expect(Self.words("Hello", on: "lk.transcription", isAgent: true)?.parts == ["Hello"])
        let final = ["lk.transcription_final": "true"]
        #expect(Self.words("Hello", on: "lk.transcription", isAgent: true, final)?.parts == ["Hello"])
        let interim = ["lk.transcription_final": "false"]
        #expect(Self.words("Hel", on: "lk.transcription", isAgent: true, interim) == nil)
        #expect(Self.words("Said in a call", on: "lk.transcription") == nil)
        #expect(Self.words("Hello", on: "other") == nil)
        #expect(Self.words(" \n\u{0}\t") == nil)
    }

    @Test func `a segment that is said in several streams is one text`() {
        let first = Self.words("Hello", on: "lk.transcription", isAgent: true, ["lk.segment_id": "SG_1"])
        let other = Self.words("Hello", on: "lk.transcription", isAgent: true, ["lk.segment_id": "SG_2"])
        #expect(first?.key == "a:SG_1" && other?.key == "a:SG_2")
        #expect(Self.words("Hello")?.key == "s1")
    }

    @Test func `what a speaker calls the words is of their room alone, and may be anything`() throws {
        func key(_ words: SpokenWords?, _ part: Int, _ room: String) throws -> String {
            try #require(words).idempotencyKey(ofPart: part, in: RoomName(rawValue: room))
        }
        let first = try key(Self.words("Hello"), 0, "whatsapp_15550100001")
        #expect(try key(Self.words("Hello"), 0, "whatsapp_15550100001") == first)
        #expect(try key(Self.words("Hello"), 1, "whatsapp_15550100001") != first)
        #expect(try key(Self.words("Hello"), 0, "whatsapp_15550100002") != first)
        // No caller's key holds a line break.
        #expect(first.contains("\n"))
        let odd = RoomText(
            topic: "lk.chat", identity: "a", streamID: String(repeating: "\0x", count: 9999), text: "Hello",
            attributes: [:])
        let oddKey = try key(SpokenWords(odd, isAgent: false), 0, "whatsapp_15550100001")
        #expect(oddKey.count == first.count && !oddKey.contains("\0"))
    }

    @Test func `a long text is cut between words, and nothing of it is lost`() throws {
        let text = (0..<2000).map { "word\($0)" }.joined(separator: " ")
        let parts = try #require(Self.words(text)?.parts)
        #expect(parts.count > 1 && parts.allSatisfy { $0.utf16.count <= 4096 && !$0.hasPrefix(" ") })
        #expect(parts.joined(separator: " ") == text)
        let unbroken = String(repeating: "👩‍👩‍👧", count: 2000)
        let pieces = try #require(Self.words(unbroken)?.parts)
        #expect(pieces.allSatisfy { $0.utf16.count <= 4096 } && pieces.joined() == unbroken)
    }

    @Test func `an agent is busy while it does not listen`() {
        let now = ContinuousClock.now
        func member(_ state: String?, isAgent: Bool = true) -> RoomMember {
            RoomMember(
                name: "", isAgent: isAgent, attributes: state.map { ["lk.agent.state": $0] } ?? [:], seenAt: now)
        }
        for state in ["initializing", "thinking", "speaking"] {
            #expect(member(state).isBusy(at: now + .seconds(60)))
            #expect(!member(state, isAgent: false).isBusy(at: now))
        }
        #expect(!member("listening").isBusy(at: now))
        #expect(member(nil).isBusy(at: now) && !member(nil).isBusy(at: now + .seconds(4)))
    }
}
