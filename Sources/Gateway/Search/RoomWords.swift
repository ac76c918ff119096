/// By what a room is found: the contact's name and number, and the room's tags.
enum RoomWords {
    /// Fewer digits than these are found at the beginning of the number only.
    static let fewestDigits = 4

    static func words(name: String?, username: String?, phoneNumber: String?, tags: [String]) -> [String] {
        let digits = Array((phoneNumber ?? "").filter { ("0"..."9").contains($0) })
        // With each ending of the number as a word, any part of it is the beginning of one.
        let endings = digits.isEmpty ? [] : (0...max(0, digits.count - fewestDigits)).map { String(digits[$0...]) }
        return SearchWords.words(of: endings + [name, username] + tags)
    }
}
