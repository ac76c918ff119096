/// Text that a browser or a shell would take for something to run.
enum TextInspection {
    /// Browsers look at far less.
    private static let marks = [
        "<!doctype", "<html", "<body", "<script", "<svg", "<iframe", "<?xml", "<?php", "<object", "<embed",
        "javascript:",
    ]

    static func check(_ file: FileWindow) throws {
        let text = try expectNoMarkup(file.bytes(upTo: FileWindow.length, at: 0))
        guard !text.drop(while: { $0.isWhitespace || $0 == "\u{FEFF}" || $0 == "\u{FFFD}" }).hasPrefix("#!") else {
            throw Malformed(problem: "it is a script")
        }
    }

    /// - Returns: the text in lower case.
    @discardableResult
    static func expectNoMarkup(_ bytes: ArraySlice<UInt8>) throws -> String {
        // In whatever encoding: of UTF-16 every other byte of these is zero.
        let text = String(decoding: bytes.filter { $0 != 0 }, as: UTF8.self).lowercased()
        if let mark = marks.first(where: text.contains) {
            throw Malformed(problem: "it holds markup or a script: \(mark)")
        }
        return text
    }
}
