/// A variable that looks like a setting but is none.
struct SettingTypo: Hashable, Sendable, CustomStringConvertible {
    let name: String
    let suggestion: SettingName?

    var description: String {
        let hint = suggestion.map { "; did you mean \($0.rawValue)?" } ?? ""
        return "\(name) is no setting and has no effect\(hint)"
    }

    /// Names that begin with `WHATSAPP_`, and others within two letters of a setting's name, in order.
    static func find(in names: some Sequence<String>) -> [SettingTypo] {
        names.sorted().compactMap { name in
            guard SettingName(rawValue: name) == nil else { return nil }
            let closest = SettingName.allCases
                .map { (setting: $0, distance: distance($0.rawValue, name)) }
                .min { $0.distance < $1.distance }
            // Short names are near to anything, so PATH must not suggest PORT.
            if let closest, closest.distance <= 2, closest.setting.rawValue.count >= 7 {
                return SettingTypo(name: name, suggestion: closest.setting)
            }
            guard name.hasPrefix("WHATSAPP_") else { return nil }
            let words = Set(name.split(separator: "_"))
            return SettingTypo(
                name: name,
                suggestion: SettingName.allCases.first { words.isSubset(of: $0.rawValue.split(separator: "_")) })
        }
    }

    /// How many letters must be added, dropped or changed to turn one name into the other.
    private static func distance(_ a: String, _ b: String) -> Int {
        let a = Array(a.utf8)
        let b = Array(b.utf8)
        guard abs(a.count - b.count) <= 8 else { return .max }
        var previous = Array(0...b.count)
        for (i, left) in a.enumerated() {
            var current = [i + 1]
            for (j, right) in b.enumerated() {
                current.append(min(previous[j + 1] + 1, current[j] + 1, previous[j] + (left == right ? 0 : 1)))
            }
            previous = current
        }
        return previous[b.count]
    }
}
