import Testing

@testable import LiveKit

@Suite struct TextStreamsTests {
    /// Streams that are read, with what they gave so far.
    private final class Reading {
        var streams = TextStreams()
        var texts: [String] = []
        var attributes: [[String: String]] = []
        var now = ContinuousClock.now

        func open(_ reader: UInt64, _ identity: String = "alice", _ attributes: [String: String] = [:]) -> Bool {
            let header = TextStreams.Header(
                topic: "lk.chat", identity: identity, streamID: "s\(reader)", attributes: attributes)
            return streams.open(reader, header, at: now)
        }

        func add(_ text: String, to reader: UInt64) { keep(streams.add(text, to: reader, at: now)) }
        func end(_ reader: UInt64, _ attributes: [String: String]? = [:]) { keep(streams.end(reader, attributes)) }

        func expire() -> [UInt64] {
            let expired = streams.expire(at: now)
            keep(expired.texts)
            return expired.readers
        }

        private func keep(_ said: [(TextStreams.Header, String)]) {
            texts += said.map(\.1)
            attributes += said.map { $0.0.attributes }
        }
    }

    @Test func `what somebody says comes in the order in which it was begun, and holds up nobody else`() {
        let reading = Reading()
        #expect(reading.open(0) && reading.open(1) && reading.open(2, "bob"))
        for (reader, text) in [(UInt64(1), "two"), (2, "bob"), (0, "o"), (0, "ne")] { reading.add(text, to: reader) }
        reading.end(1)
        #expect(reading.texts == [])
        reading.end(2)
        #expect(reading.texts == ["bob"])
        reading.end(0)
        #expect(reading.texts == ["bob", "one", "two"] && reading.streams.isEmpty)
    }

    @Test func `the attributes at the end count before those at the beginning`() {
        let reading = Reading()
        #expect(reading.open(0, "alice", ["final": "false", "id": "1"]))
        reading.end(0, ["final": "true"])
        #expect(reading.attributes == [["final": "true", "id": "1"]])
    }

    @Test func `a stream that breaks off says nothing, and holds nothing up`() {
        let reading = Reading()
        #expect(reading.open(0) && reading.open(1))
        reading.add("half a sen", to: 0)
        reading.add("whole", to: 1)
        reading.end(1)
        reading.end(0, nil)
        #expect(reading.texts == ["whole"] && reading.streams.isEmpty)
    }

    @Test func `a stream that does not go on is given up, as is one without end`() {
        let reading = Reading()
        #expect(reading.open(0) && reading.open(1))
        reading.add("whole", to: 1)
        reading.end(1)
        reading.now += TextStreams.patience
        #expect(reading.expire() == [] && reading.texts == [])
        reading.now += .seconds(1)
        #expect(reading.expire() == [0] && reading.texts == ["whole"])

        #expect(reading.open(2))
        reading.add(String(repeating: "x", count: TextStreams.longest + 1), to: 2)
        reading.end(2)
        #expect(reading.texts == ["whole"] && reading.streams.isEmpty)
    }

    @Test func `only so many are read at once`() {
        let reading = Reading()
        let read = (0...UInt64(TextStreams.most)).filter { reading.open($0) }
        #expect(read.count == TextStreams.most)
    }
}
