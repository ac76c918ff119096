/// Recipients that misbehave without any set-up, in the fictitious range +1 555.
///
/// | Number | What happens |
/// |---|---|
/// | +1 555 0 CCCCCC | the send is refused with Meta's error CCCCCC |
/// | +1 555 1 CCCCCC | the send is accepted, then the webhook says `failed` with that error |
/// | +1 555 2 00000N | as the cases below say |
///
/// CCCCCC is a known code from 100 on, padded with zeros: 131026, 000190. Any other number is an ordinary phone.
enum SpecialNumber: Sendable, Equatable {
    case failsAtOnce(Int)
    case failsLater(Int)
    /// …1: stays at `sent`, as a phone that is switched off.
    case onlySent
    /// …2: delivered, never read.
    case neverRead
    /// …3: 502 with HTML; the message is not taken.
    case badGateway
    /// …4: the connection is reset; the message is not taken.
    case resetBefore
    /// …5: the message is taken and arrives; the connection is reset instead of an answer.
    case resetAfter
    /// …6: the message is taken and arrives; no answer comes for 60 s, then the connection closes.
    case silentAfter
    /// …7: the message is taken and arrives; the answer is 200 with broken JSON.
    case brokenAnswer
    /// …8: the first attempt is refused with 131000 (500), the next one with the same content is taken.
    case failsFirst

    private static let odd: [SpecialNumber] = [
        .onlySent, .neverRead, .badGateway, .resetBefore, .resetAfter, .silentAfter, .brokenAnswer, .failsFirst,
    ]

    init?(_ address: String?) {
        guard let address, address.utf8.count == 11, address.hasPrefix("1555"),
            let number = Int(address.dropFirst(5)), let kind = address.dropFirst(4).first
        else { return nil }
        switch kind {
        case "0" where number >= 100 && GraphErrorCatalogue.entries[number] != nil: self = .failsAtOnce(number)
        case "1" where number >= 100 && GraphErrorCatalogue.entries[number] != nil: self = .failsLater(number)
        case "2" where (1...Self.odd.count).contains(number): self = Self.odd[number - 1]
        default: return nil
        }
    }
}
