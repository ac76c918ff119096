/// The members of a JSON object in the order in which their keys first came.
/// Keys compare as Swift strings do, so canonically equivalent spellings are one key. The order doesn't take part in `==`.
package struct JSONObject: Sendable, Sequence {
    package typealias Element = (key: String, value: JSON)

    /// Beyond this many members look-ups go through `index`, so that a hostile object isn't quadratic.
    private static let scanned = 16

    private var members: [Element] = []
    /// Where each key stands in `members`; kept only while there are more than `scanned`.
    private var index: [String: Int]?

    package init() {}

    /// Of a key that comes twice the last value stays, in the first one's place.
    package init(_ pairs: some Sequence<(String, JSON)>) {
        for (key, value) in pairs { insert(value, for: key) }
    }

    package var count: Int { members.count }
    package var isEmpty: Bool { members.isEmpty }
    package var keys: [String] { members.map(\.key) }
    package var values: [JSON] { members.map(\.value) }

    package func makeIterator() -> IndexingIterator<[Element]> { members.makeIterator() }

    /// Setting nil removes the member (in time linear in `count`); setting `.null` keeps it.
    package subscript(_ key: String) -> JSON? {
        get { place(of: key).map { members[$0].value } }
        set {
            if let newValue {
                insert(newValue, for: key)
            } else if let place = place(of: key) {
                members.remove(at: place)
                rebuildIndex()
            }
        }
    }

    /// Whether the key was new; the value of one that was there is replaced.
    @discardableResult
    mutating func insert(_ value: JSON, for key: String) -> Bool {
        if let place = place(of: key) {
            members[place].value = value
            return false
        }
        if members.isEmpty { members.reserveCapacity(4) }
        members.append((key, value))
        if index != nil {
            index![key] = members.count - 1
        } else if members.count > Self.scanned {
            rebuildIndex()
        }
        return true
    }

    private func place(of key: String) -> Int? {
        if let index { return index[key] }
        for place in members.indices where members[place].key == key { return place }
        return nil
    }

    private mutating func rebuildIndex() {
        index = nil
        guard members.count > Self.scanned else { return }
        var index: [String: Int] = [:]
        index.reserveCapacity(members.count * 2)
        for (place, member) in members.enumerated() { index[member.key] = place }
        self.index = index
    }
}

extension JSONObject: Hashable {
    package static func == (left: JSONObject, right: JSONObject) -> Bool {
        left.count == right.count && left.allSatisfy { right[$0.key] == $0.value }
    }

    package func hash(into hasher: inout Hasher) {
        // Members are mixed by a sum, which like `==` knows no order.
        var sum = 0
        for member in members {
            var own = Hasher()
            own.combine(member.key)
            own.combine(member.value)
            sum &+= own.finalize()
        }
        hasher.combine(count)
        hasher.combine(sum)
    }
}

extension JSONObject: ExpressibleByDictionaryLiteral {
    package init(dictionaryLiteral elements: (String, JSON)...) { self.init(elements) }
}
