import Foundation

/// Text that a browser or a shell would take for something to run.
enum TextInspection {
    /// Browsers look at far less.
    private static let marks = [
        "<!doctype", "<html", "<body", "<script", "<svg", "<iframe", "<?xml", "<?php", "<object", "<embed",
        "javascript:",
    ]

    private static let blanks = Set("\t\n\u{B}\u{C}\r ".utf8)

    static func check(_ file: FileWindow) throws {
        let text = try expectNoMarkup(file.bytes(upTo: FileWindow.length, at: 0))
        // Behind a mark of the encoding, or what is none.
        let start = text.drop { blanks.contains($0) || $0 >= 0x80 }
        guard !start.starts(with: "#!".utf8) else { throw Malformed(problem: "it is a script") }
    }

    /// - Returns: the text in lower case, of whatever encoding: of UTF-16 every other byte of these is zero.
    @discardableResult
    static func expectNoMarkup(_ bytes: ArraySlice<UInt8>) throws -> [UInt8] {
        let text = bytes.filter { $0 != 0 }.map { (65...90).contains($0) ? $0 | 0x20 : $0 }
        if let mark = marks.first(where: text.holds) {
            throw Malformed(problem: "it holds markup or a script: \(mark)")
        }
        return text
    }
}

extension [UInt8] {
    func holds(_ text: String) -> Bool {
        let wanted = Array(text.utf8)
        return withUnsafeBytes { bytes in
            guard let base = bytes.baseAddress, let first = wanted.first else { return false }
            var start = 0
            while start + wanted.count <= bytes.count,
                let mark = memchr(base + start, Int32(first), bytes.count - wanted.count + 1 - start)
            {
                if memcmp(mark, wanted, wanted.count) == 0 { return true }
                start = UnsafeRawPointer(mark) - base + 1
            }
            return false
        }
    }
}
