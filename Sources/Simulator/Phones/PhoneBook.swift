/// All phones, by number and by BSUID. At most 100,000; a newcomer beyond that takes the oldest one's place.
struct PhoneBook: Sendable {
    static let limit = 100_000
    private var phones: [String: Phone] = [:]
    /// Rewritten numbers and BSUIDs, to the phone's key.
    private var aliases: [String: String] = [:]
    private var order: [String] = []
    private var oldest = 0

    private static let names = [
        "Alex Example", "Robin Sample", "Kim Placeholder", "Sam Specimen", "Jo Instance", "Chris Case", "Lee Model",
        "Pat Pattern",
    ]

    var count: Int { phones.count }

    /// Keys in the order in which the phones came.
    var keys: ArraySlice<String> { order[oldest...] }

    subscript(address: String) -> Phone? { phones[address] ?? aliases[address].flatMap { phones[$0] } }

    /// The phone with this address, made when there is none. `address` is digits or a BSUID.
    mutating func phone(_ address: String, delays: StatusDelays) -> Phone {
        if let phone = self[address] { return phone }
        let isNumber = address.utf8.allSatisfy { (48...57).contains($0) }
        let name = Self.names[Int(address.utf8.reduce(UInt32(0)) { $0 &* 31 &+ UInt32($1) }) % Self.names.count]
        var phone = Phone(key: address, number: isNumber ? address : nil, name: name, delays: delays)
        if !isNumber { phone.userID = address }
        phones[address] = phone
        order.append(address)
        if order.count - oldest > Self.limit { dropOldest() }
        return phone
    }

    /// - Parameter key: of a phone that exists; anything else is passed over.
    mutating func update(_ key: String, _ change: (inout Phone) -> Void) {
        guard var phone = phones.removeValue(forKey: key) else { return }
        let before = [phone.waID, phone.userID]
        change(&phone)
        if [phone.waID, phone.userID] != before {
            for alias in before.compactMap({ $0 }) { aliases[alias] = nil }
            for alias in [phone.waID, phone.userID].compactMap({ $0 }) { aliases[alias] = key }
        }
        phones[key] = phone
    }

    /// The key of another phone that already has this address.
    func owner(of address: String, otherThan key: String) -> String? {
        guard let owner = self[address]?.key, owner != key else { return nil }
        return owner
    }

    mutating func removeAll() { self = PhoneBook() }

    private mutating func dropOldest() {
        if let old = phones.removeValue(forKey: order[oldest]) {
            for alias in [old.waID, old.userID].compactMap({ $0 }) { aliases[alias] = nil }
        }
        oldest += 1
        if oldest > Self.limit {
            order.removeFirst(oldest)
            oldest = 0
        }
    }
}
