/// Word, Excel and PowerPoint files since 2007: ZIP archives with a list of their parts.
enum OfficePackage {
    private static let office = "application/vnd.openxmlformats-officedocument."
    private static let types = [
        "word": office + "wordprocessingml.document", "xl": office + "spreadsheetml.sheet",
        "ppt": office + "presentationml.presentation",
    ]
    private static let list = "[content_types].xml"
    /// A document type declaration stands before the first element, but perhaps behind long comments.
    private static let startLimit = 1 << 20

    /// - Returns: nil for another archive.
    static func type(_ directory: ZipDirectory) -> String? {
        let names = directory.entries.map { $0.name.lowercased() }
        guard names.contains(list) else { return nil }
        let folders = Set(names.compactMap { $0.split(separator: "/").first.map(String.init) })
        let found = types.keys.filter(folders.contains)
        return found.count == 1 ? found.first.flatMap { types[$0] } : nil
    }

    /// Unpacks every part once, within the bounds that the directory was checked for.
    /// - Throws: `Malformed`
    static func check(_ file: FileWindow, type: String) throws {
        let directory = try ZipDirectory(file)
        guard directory.entries.contains(where: { $0.name.lowercased() == list }) else {
            throw Malformed(problem: "it has no list of its parts ([Content_Types].xml)")
        }
        guard self.type(directory) == type else { throw Malformed(problem: "its parts are those of something else") }
        let inflater = try Inflater()
        for entry in directory.entries {
            let name = entry.name.lowercased()
            guard !name.hasSuffix("vbaproject.bin") else { throw macros }
            let start = try inflater.read(entry, of: file, keeping: startLimit)
            if name.hasSuffix(".xml") || name.hasSuffix(".rels") { try checkXML(start, isList: name == list) }
        }
    }

    private static func checkXML(_ start: [UInt8], isList: Bool) throws {
        // In whatever encoding: of UTF-16 every other byte of these is zero.
        let text = start.filter { $0 != 0 }
        if ["<!DOCTYPE", "<!ENTITY"].contains(where: text.holds) {
            throw Malformed(problem: "one of its parts declares entities")
        }
        if isList, text.holds("macroEnabled") || text.holds("vbaProject") { throw macros }
    }

    private static let macros = Malformed(problem: "it holds macros")
}
