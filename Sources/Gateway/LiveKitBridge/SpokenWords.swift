import Crypto
import Foundation
import LiveKit
import WhatsApp

/// What was said in a LiveKit room, as far as it is for the customer.
struct SpokenWords: Sendable, Hashable {
    /// Each as long as WhatsApp takes a text.
    let parts: [String]
    /// The same for the same words.
    let key: String

    /// - Returns: nil for what is not the customer's: the words of people in a call, which come on the agents' topic, too,
    ///   and what an agent has not said to its end.
    init?(_ text: RoomText, isAgent: Bool) {
        switch text.topic {
        case TalkContext.chat: key = text.streamID
        case TalkContext.transcription:
            guard isAgent, text.attributes["lk.transcription_final"] != "false" else { return nil }
            // Some agents say each stage of a segment in a stream of its own.
            key = text.attributes["lk.segment_id"].map { "\(text.identity):\($0)" } ?? text.streamID
        default: return nil
        }
        let words = text.text.unicodeScalars.filter { $0 == "\n" || $0.properties.generalCategory != .control }
        parts = Self.parts(of: String(String.UnicodeScalarView(words)))
        if parts.isEmpty { return nil }
    }

    /// For one of the parts. Speakers choose what they call their words, so it is the room's own, no caller's (no line break
    /// comes in theirs), and of one length.
    func idempotencyKey(ofPart number: Int, in room: RoomName) -> String {
        "livekit\n\(room.rawValue)\n\(SHA256.hash(data: Data(key.utf8)).hexadecimal)\n\(number)"
    }

    /// Cut where a line or a word ends, if there is such a place in the second half.
    private static func parts(of text: String) -> [String] {
        var parts: [String] = []
        var rest = trimmed(text[...])
        while !rest.isEmpty {
            let window = head(of: rest)
            var cut = window.endIndex
            if cut < rest.endIndex {
                let later = window[window.index(window.startIndex, offsetBy: window.count / 2)...]
                cut = (later.lastIndex(of: "\n") ?? later.lastIndex(of: " ")).map { $0 } ?? cut
            }
            parts.append(String(trimmed(rest[..<cut])))
            rest = trimmed(rest[cut...])
        }
        return parts
    }

    /// As many characters as fit in any way of counting them.
    private static func head(of text: Substring) -> Substring {
        var (count, end) = (0, text.startIndex)
        for index in text.indices {
            count += text[index].utf16.count
            if count > OutgoingContent.textLength.upperBound { break }
            end = text.index(after: index)
        }
        // One character longer than all that fits is none.
        return end == text.startIndex ? text.prefix(1) : text[..<end]
    }

    private static func trimmed(_ text: Substring) -> Substring {
        var text = text
        while text.first?.isWhitespace == true { text.removeFirst() }
        while text.last?.isWhitespace == true { text.removeLast() }
        return text
    }
}
