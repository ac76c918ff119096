import Crypto
import Foundation
import JSON

extension Event {
    /// What a data packet may hold, over a connection of any kind.
    private static let mostPacketBytes = 15_000

    var timestamp: Milliseconds { json["timestamp"]?.int ?? 0 }

    /// The event as those in a LiveKit room get it. One that is too large for a packet names its message only, and says
    /// that it is `truncated`: the rest is to be had at `GET /rooms/{name}/messages`.
    var liveKitPacket: [UInt8] {
        if encoded.count <= Self.mostPacketBytes { return encoded }
        guard var object = json.object else { return encoded }
        var data: JSONObject = [:]
        for key in ["messageId", "roomName", "sequence", "type", "direction", "status"] {
            data[key] = json["data"]?[key]
        }
        object["data"] = .object(data)
        object["truncated"] = true
        return JSON.object(object).encoded()
    }

    /// The same for the same event, so that LiveKit knows it when it comes again.
    var nonce: UUID {
        var bytes = SHA256.hash(data: Data(id.utf8)).makeIterator()
        func next() -> UInt8 { bytes.next() ?? 0 }
        return UUID(
            uuid: (
                next(), next(), next(), next(), next(), next(), next(), next(), next(), next(), next(), next(),
                next(), next(), next(), next()
            ))
    }
}
