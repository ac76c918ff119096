/// File names that strangers choose: kept for people to read, never used as a path.
enum FileName {
    private static let limit = 200

    /// The last part of the name, without control characters, marks that reverse the direction of writing, and
    /// characters that mean something to a shell, a header or a file system; at most 200 characters.
    static func clean(_ name: String) -> String {
        let last = name.split(whereSeparator: { $0 == "/" || $0 == "\\" }).last.map(String.init) ?? ""
        var scalars = String.UnicodeScalarView()
        for scalar in last.unicodeScalars where scalars.count < limit {
            switch scalar.properties.generalCategory {
            case .control, .format, .surrogate, .privateUse, .lineSeparator, .paragraphSeparator: continue
            default: scalars.append("\"<>|:*?".unicodeScalars.contains(scalar) ? "_" : scalar)
            }
        }
        let text = String(scalars)
        let trimmed = text.drop { $0 == "." || $0.isWhitespace }
        return trimmed.isEmpty ? "file" : String(trimmed)
    }

    /// A name that is nothing but an extension stays.
    static func withoutExtension(_ name: String) -> String {
        guard let dot = name.lastIndex(of: "."), dot > name.startIndex else { return name }
        return String(name[..<dot])
    }

    /// Extensions that say the same as the one a type is stored under.
    private static let sameAs = [
        "jpg": ["jpeg", "jpe"], "3gp": ["3gpp"], "ogg": ["oga", "opus"], "m4a": ["mp4"], "mp3": ["mpga"],
    ]

    /// The name with this extension, or one that says the same; another is kept before it.
    static func clean(_ name: String, suffix: String) -> String {
        let cleaned = clean(name)
        let lowered = cleaned.lowercased()
        let fits = ([suffix] + (sameAs[suffix] ?? [])).contains { lowered.hasSuffix(".\($0)") }
        return fits ? cleaned : "\(cleaned).\(suffix)"
    }
}
