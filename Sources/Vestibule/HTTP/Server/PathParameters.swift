import Gateway
import Hummingbird
import WhatsApp

extension GatewayContext {
    /// The decoded parameter of the path.
    private func decoded(_ name: String) -> String? {
        parameters.get(name).flatMap { PercentDecoding.decode($0) }
    }

    /// A phone number; its "+" may stand bare, encoded or not at all.
    func phoneNumber() throws(RequestFailure) -> PhoneNumber {
        guard let number = decoded("phoneNumber").flatMap({ PhoneNumber($0) }) else {
            throw .invalid("`phoneNumber` must be a phone number in E.164 form, as +15550100001", field: "phoneNumber")
        }
        return number
    }

    /// A room's name. What no room can be called is not looked for.
    func roomName() throws(RequestFailure) -> RoomName {
        guard let name = decoded("name").flatMap({ RoomName(checking: $0) }) else { throw .noSuchRoom }
        return name
    }

    /// A message's id, of either kind.
    func messageID() throws(RequestFailure) -> String {
        guard let id = decoded("messageId"), (1...512).contains(id.utf8.count), !id.utf8.contains(0) else {
            throw RequestFailure(GatewayError(.notFound, "the room has no message of this id"))
        }
        return id
    }

    /// The name of a stored file, nil for what no file can be called.
    func fileName() -> String? {
        guard let name = decoded("name"), (1...255).contains(name.utf8.count), !name.hasPrefix("."),
            name.utf8.allSatisfy({ Self.isRoomByte($0) || $0 == UInt8(ascii: "-") || $0 == UInt8(ascii: ".") })
        else { return nil }
        return name
    }

    fileprivate static func isRoomByte(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"):
            true
        default:
            false
        }
    }
}

extension RoomName {
    /// nil for what no room can be called.
    init?(checking text: String) {
        guard (1...255).contains(text.utf8.count), text.utf8.allSatisfy(GatewayContext.isRoomByte) else { return nil }
        self.init(rawValue: text)
    }
}

extension RequestFailure {
    static let noSuchRoom = RequestFailure(GatewayError(.notFound, "there is no room of that name"))
}
