/// Every setting with its value, or that it has one when it is a secret.
struct SettingsListing: Sendable {
    let source: SettingsSource

    init(_ source: SettingsSource) {
        self.source = source
    }

    var text: String {
        let width = SettingName.allCases.map(\.rawValue.count).max() ?? 0
        let lines = SettingName.allCases.map { name in
            let padding = String(repeating: " ", count: width - name.rawValue.count)
            return "  \(name.rawValue)\(padding)  \(value(of: name))"
        }
        let origin = source.file.map { "the environment and \($0)" } ?? "the environment (there is no .env file)"
        return "Settings from \(origin):\n\(lines.joined(separator: "\n"))\n"
    }

    private func value(of name: SettingName) -> String {
        guard let value = source.values[name.rawValue], !value.isEmpty else { return "-" }
        return name.isSecret ? "set" : value
    }
}
