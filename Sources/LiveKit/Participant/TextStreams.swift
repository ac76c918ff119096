/// The text streams that are being read, each until its end. What one participant says on a topic comes in the order in
/// which it was begun, also where a later stream ends first.
struct TextStreams: Sendable {
    struct Header: Sendable, Hashable {
        let topic: String
        let identity: String
        let streamID: String
        var attributes: [String: String]
    }

    private struct Stream {
        var header: Header
        var text = ""
        var isWhole = false
        var lastHeard: ContinuousClock.Instant
    }

    private struct Speaker: Hashable {
        let identity: String
        let topic: String
    }

    /// Streams by their readers, in the order in which they were opened.
    private var streams: [(reader: UInt64, stream: Stream)] = []

    /// Bytes; nobody types that much, and a customer would get it in sixteen messages. A stream that is longer is given up.
    static let longest = 64 << 10
    /// Streams that are open at once; further ones are not read.
    static let most = 200
    /// A stream of which nothing came for this long is given up: whoever said it is gone, or has forgotten to end it.
    static let patience: Duration = .seconds(60)

    var isEmpty: Bool { streams.isEmpty }

    /// - Returns: false when there are too many.
    mutating func open(_ reader: UInt64, _ header: Header, at now: ContinuousClock.Instant) -> Bool {
        guard streams.count < Self.most else { return false }
        streams.append((reader, Stream(header: header, lastHeard: now)))
        return true
    }

    /// - Returns: what was waiting for this stream, when it is given up for its length.
    mutating func add(_ text: String, to reader: UInt64, at now: ContinuousClock.Instant) -> [(Header, String)] {
        guard let index = streams.firstIndex(where: { $0.reader == reader }) else { return [] }
        streams[index].stream.text += text
        streams[index].stream.lastHeard = now
        return streams[index].stream.text.utf8.count > Self.longest ? giveUp(index) : []
    }

    /// - Parameter attributes: nil for a stream that broke off: it said nothing.
    mutating func end(_ reader: UInt64, _ attributes: [String: String]?) -> [(Header, String)] {
        guard let index = streams.firstIndex(where: { $0.reader == reader }) else { return [] }
        guard let attributes else { return giveUp(index) }
        streams[index].stream.header.attributes.merge(attributes) { _, last in last }
        streams[index].stream.isWhole = true
        return ready()
    }

    /// Gives up what has not gone on for long.
    /// - Returns: the readers given up, and what was waiting for them.
    mutating func expire(at now: ContinuousClock.Instant) -> (readers: [UInt64], texts: [(Header, String)]) {
        let readers = streams.filter { !$0.stream.isWhole && now - $0.stream.lastHeard > Self.patience }.map(\.reader)
        guard !readers.isEmpty else { return ([], []) }
        streams.removeAll { readers.contains($0.reader) }
        return (readers, ready())
    }

    private mutating func giveUp(_ index: Int) -> [(Header, String)] {
        streams.remove(at: index)
        return ready()
    }

    private mutating func ready() -> [(Header, String)] {
        var texts: [(Header, String)] = []
        var waiting: Set<Speaker> = []
        streams.removeAll { _, stream in
            let speaker = Speaker(identity: stream.header.identity, topic: stream.header.topic)
            guard stream.isWhole, !waiting.contains(speaker) else {
                waiting.insert(speaker)
                return false
            }
            texts.append((stream.header, stream.text))
            return true
        }
        return texts
    }
}
