import Foundation
import WhatsApp

@testable import Gateway

/// True files of every type that is taken, and files that pretend to be one.
enum Corpus {
    struct Row: Sendable {
        let name: String
        let kind: MediaKind
        let bytes: [UInt8]
        /// The type it is stored as, or what the refusal says.
        let outcome: Outcome
        /// Whether WhatsApp takes it from a business, too.
        var goesOut = true
    }

    enum Outcome: Sendable {
        case taken(String)
        case refused(String)
    }

    private static let office = "application/vnd.openxmlformats-officedocument."
    private static let word = office + "wordprocessingml.document"
    private static let excel = office + "spreadsheetml.sheet"
    private static let powerPoint = office + "presentationml.presentation"
    private static let page = Array("<html><script>alert(1)</script></html>".utf8)
    private static let docx = Archive(names: ["[Content_Types].xml", "_rels/.rels", "word/document.xml"])
    private static let large = Samples.zeros(20 << 20)

    static let rows: [Row] = [
        pictures, films, sounds, documents, packages, oldOffice, texts, mislabelled,
    ].flatMap(\.self)

    private static let pictures: [Row] = [
        Row(name: "JPEG", kind: .image, bytes: Samples.jpeg, outcome: .taken("image/jpeg")),
        Row(name: "PNG", kind: .image, bytes: Samples.png, outcome: .taken("image/png")),
        Row(name: "GIF", kind: .image, bytes: Samples.gif, outcome: .taken("image/gif"), goesOut: false),
        Row(name: "WebP", kind: .image, bytes: Samples.webp, outcome: .taken("image/webp"), goesOut: false),
        Row(name: "sticker", kind: .sticker, bytes: Samples.webp, outcome: .taken("image/webp")),
        Row(
            name: "JPEG with a second picture", kind: .image, bytes: Samples.jpeg + Samples.jpeg,
            outcome: .taken("image/jpeg")),
        Row(
            name: "JPEG with a short film", kind: .image, bytes: Samples.jpeg + Samples.mp4,
            outcome: .taken("image/jpeg")),
        Row(
            name: "JPEG of Samsung's camera", kind: .image, bytes: Samples.jpeg + samsungRecords("a record"),
            outcome: .taken("image/jpeg")),
        Row(
            name: "JPEG filled up with zeros", kind: .image, bytes: Samples.jpeg + Samples.zeros(100),
            outcome: .taken("image/jpeg")),
        Row(name: "JPEG cut off", kind: .image, bytes: cut(Samples.jpeg), outcome: .refused("cut off")),
        Row(name: "JPEG without its end", kind: .image, bytes: short(Samples.jpeg, 2), outcome: .refused("cut off")),
        Row(name: "JPEG and page", kind: .image, bytes: Samples.jpeg + page, outcome: .refused("other data follow")),
        Row(name: "JPEG and archive", kind: .image, bytes: Samples.jpeg + docx.bytes, outcome: .refused("other data")),
        Row(
            name: "JPEG and archive in its comment", kind: .image, bytes: archiveInComment,
            outcome: .refused("ZIP archive")),
        Row(
            name: "JPEG with records that don't cover its tail", kind: .image,
            bytes: Samples.jpeg + Samples.zeros(100) + page + samsungRecords("a record"),
            outcome: .refused("other data follow")),
        Row(name: "PNG cut off", kind: .image, bytes: cut(Samples.png), outcome: .refused("cut off")),
        Row(name: "PNG without its end", kind: .image, bytes: short(Samples.png, 12), outcome: .refused("cut off")),
        Row(
            name: "PNG and program", kind: .image, bytes: Samples.png + Array("<?php system('id'); ?>".utf8),
            outcome: .refused("other data follow")),
        Row(
            name: "GIF that is a script", kind: .image, bytes: Samples.gif + Array("*/=1;alert(1)".utf8),
            outcome: .refused("other data follow"), goesOut: false),
        Row(
            name: "GIF cut off", kind: .image, bytes: short(Samples.gif, 1), outcome: .refused("cut off"),
            goesOut: false),
        Row(name: "WebP cut off", kind: .sticker, bytes: cut(Samples.webp), outcome: .refused("cut off")),
        Row(
            name: "WebP and program", kind: .sticker, bytes: Samples.webp + Samples.windowsProgram,
            outcome: .refused("other data follow")),
        Row(
            name: "sticker a byte too large", kind: .sticker,
            bytes: Samples.webp + Samples.zeros(500 * 1024 + 1 - Samples.webp.count), outcome: .refused("512000 bytes")),
        Row(name: "nothing", kind: .image, bytes: [], outcome: .refused("empty")),
    ]

    private static let films: [Row] = [
        Row(name: "MP4", kind: .video, bytes: Samples.mp4, outcome: .taken("video/mp4")),
        Row(name: "3GP", kind: .video, bytes: branded("3gp4"), outcome: .taken("video/3gpp")),
        Row(name: "MP4 cut off", kind: .video, bytes: cut(Samples.mp4), outcome: .refused("cut off")),
        Row(name: "3GP cut off", kind: .video, bytes: cut(branded("3gp4")), outcome: .refused("cut off")),
        Row(
            name: "MP4 without an index", kind: .video, bytes: Samples.isoMedia("mp42", "isom", "mp42"),
            outcome: .refused("no index")),
        Row(name: "MP4 and page", kind: .video, bytes: Samples.mp4 + page, outcome: .refused("not a film to its end")),
        Row(
            name: "MP4 and archive", kind: .video, bytes: Samples.mp4 + docx.bytes, outcome: .refused("do not fit")),
        Row(
            name: "QuickTime", kind: .video, bytes: Samples.isoMedia("qt  ", "qt  "), outcome: .refused("quicktime")),
    ]

    private static let sounds: [Row] = [
        Row(name: "MP3", kind: .audio, bytes: Samples.mp3, outcome: .taken("audio/mpeg")),
        Row(name: "OGG", kind: .audio, bytes: Samples.ogg, outcome: .taken("audio/ogg")),
        Row(name: "M4A", kind: .audio, bytes: branded("M4A "), outcome: .taken("audio/mp4")),
        Row(name: "AAC", kind: .audio, bytes: Samples.aac, outcome: .taken("audio/aac")),
        Row(name: "AMR", kind: .audio, bytes: Samples.amr, outcome: .taken("audio/amr")),
        Row(
            name: "AAC with a tag behind it", kind: .audio,
            bytes: Samples.aac + oldTag, outcome: .taken("audio/aac")),
        Row(name: "MP3 cut off", kind: .audio, bytes: cut(Samples.mp3), outcome: .refused("cut off")),
        Row(name: "AAC cut off", kind: .audio, bytes: short(Samples.aac, 1), outcome: .refused("cut off")),
        Row(name: "AMR cut off", kind: .audio, bytes: cut(Samples.amr), outcome: .refused("cut off")),
        Row(
            name: "AMR cut between two frames, which is shorter", kind: .audio, bytes: short(Samples.amr, 32),
            outcome: .taken("audio/amr")),
        Row(
            name: "AAC of two stretches with a tag each", kind: .audio, bytes: id3 + Samples.aac + id3 + Samples.aac,
            outcome: .taken("audio/aac")),
        Row(
            name: "MP3 with every tag there is", kind: .audio, bytes: id3 + Samples.mp3 + apeTag + oldTag,
            outcome: .taken("audio/mpeg")),
        Row(
            name: "MP3 with leavings between and behind", kind: .audio,
            bytes: Samples.mp3 + leavings + Samples.mp3 + leavings, outcome: .taken("audio/mpeg")),
        Row(
            name: "MP3 filled up with zeros", kind: .audio, bytes: Samples.mp3 + Samples.zeros(200_000),
            outcome: .taken("audio/mpeg")),
        Row(
            name: "MP3 cut off before it was given its tag", kind: .audio, bytes: short(Samples.mp3, 5) + oldTag,
            outcome: .taken("audio/mpeg")),
        Row(name: "MP3 and page", kind: .audio, bytes: Samples.mp3 + page, outcome: .refused("markup")),
        Row(
            name: "MP3 with a page among its leavings", kind: .audio,
            bytes: Samples.mp3 + leavings + page + leavings + Samples.mp3, outcome: .refused("markup")),
        Row(
            name: "MP3 and far more that is none", kind: .audio,
            bytes: Samples.mp3 + [UInt8](repeating: 0x55, count: 70_000), outcome: .refused("other data follow")),
        Row(name: "OGG cut off", kind: .audio, bytes: short(Samples.ogg, 10), outcome: .refused("cut off")),
        Row(name: "OGG and page", kind: .audio, bytes: Samples.ogg + page, outcome: .refused("other data follow")),
        Row(name: "M4A cut off", kind: .audio, bytes: cut(branded("M4A ")), outcome: .refused("cut off")),
        Row(name: "AAC and page", kind: .audio, bytes: Samples.aac + page, outcome: .refused("other data follow")),
        Row(name: "AMR and page", kind: .audio, bytes: Samples.amr + page, outcome: .refused("other data follow")),
        Row(name: "AMR without sound", kind: .audio, bytes: Array("#!AMR\n".utf8), outcome: .refused("")),
        Row(
            name: "MP3 of a tag alone", kind: .audio,
            bytes: Array("ID3".utf8) + [3, 0, 0, 0, 0, 0, 100] + Samples.zeros(100) + page,
            outcome: .refused("")),
        Row(
            name: "MP3 and archive", kind: .audio, bytes: Samples.mp3 + docx.bytes, outcome: .refused("markup")),
    ]

    private static let oldTag = Array("TAG".utf8) + [UInt8](repeating: 32, count: 125)
    private static let id3 = Array("ID3".utf8) + [4, 0, 0, 0, 0, 0, 60] + Samples.zeros(60)
    /// A head, an item, and a foot.
    private static var apeTag: [UInt8] {
        let item = Samples.littleEndian(UInt32(4)) + Samples.zeros(4) + Array("title\0tone".utf8)
        func end(_ flags: UInt32) -> [UInt8] {
            let numbers = [2000, UInt32(item.count + 32), 1, flags].flatMap { Samples.littleEndian($0) }
            return Array("APETAGEX".utf8) + numbers + Samples.zeros(8)
        }
        return end(0xA000_0000) + item + end(0x8000_0000)
    }
    private static let leavings = (0..<300).map { UInt8($0 * 7 % 128) }

    private static let documents: [Row] = [
        Row(name: "PDF", kind: .document, bytes: Samples.pdf, outcome: .taken("application/pdf")),
        Row(name: "PDF cut off", kind: .document, bytes: cut(Samples.pdf), outcome: .refused("cut off")),
        Row(name: "PDF and page", kind: .document, bytes: Samples.pdf + page, outcome: .refused("other data follow")),
        Row(
            name: "PDF and archive", kind: .document, bytes: Samples.pdf + docx.bytes,
            outcome: .refused("other data follow")),
        Row(
            name: "PDF and archive with an end mark", kind: .document,
            bytes: Samples.pdf + Archive(parts: docx.parts, comment: Array("\n%%EOF\n".utf8)).bytes,
            outcome: .refused("ZIP archive")),
        Row(
            name: "PDF behind a shell's words", kind: .document, bytes: Array("#!/bin/sh\nid\n".utf8) + Samples.pdf,
            outcome: .refused("")),
    ]

    private static let packages: [Row] = [
        Row(name: "DOCX", kind: .document, bytes: Samples.docx, outcome: .taken(word)),
        Row(name: "DOCX of LibreOffice", kind: .document, bytes: Samples.libreDocx, outcome: .taken(word)),
        Row(name: "XLSX", kind: .document, bytes: Samples.xlsx, outcome: .taken(excel)),
        Row(name: "PPTX", kind: .document, bytes: Samples.pptx, outcome: .taken(powerPoint)),
        Row(
            name: "DOCX that is packed", kind: .document,
            bytes: docx.adding(.init(name: "word/a.bin", body: Samples.zeros(3 << 20), isDeflated: true)).bytes,
            outcome: .taken(word)),
        Row(
            name: "DOCX in an unusual order", kind: .document,
            bytes: Archive(names: ["a.xml", "b.xml", "c.xml", "word/document.xml", "[Content_Types].xml"]).bytes,
            outcome: .taken(word)),
        hostile("cut off", short(docx.bytes, 30), "cut off"),
        hostile("and page", docx.bytes + page, "other data behind"),
        hostile("behind a shell's words", Array("#!/bin/sh\nid\n".utf8) + docx.bytes, ""),
        hostile(
            "that is a bomb", docx.adding(.init(name: "word/a.xml", body: large, isDeflated: true)).bytes, "bomb"),
        hostile(
            "of many bombs",
            docx.adding(
                .init(name: "word/a", claimedSize: 300 << 20), .init(name: "word/b", claimedSize: 300 << 20)
            ).bytes, "do not fit"),
        hostile(
            "larger than it says",
            docx.adding(.init(name: "word/a", body: large, isDeflated: true, claimedSize: 10)).bytes, "not what its"),
        hostile(
            "smaller than it says",
            docx.adding(.init(name: "word/a", body: page, isDeflated: true, claimedSize: 5000)).bytes, "not what its"),
        hostile(
            "of parts in one place",
            docx.adding(.init(name: "word/a", body: [1], isOverlapping: true)).bytes, "do not fit"),
        hostile("with a name twice", docx.adding(.text("WORD/document.xml", "x")).bytes, "one name"),
        hostile("with a path outside", docx.adding(.text("word/../../x", "x")).bytes, "path outside"),
        hostile("with a path from the root", docx.adding(.text("/etc/x", "x")).bytes, "path outside"),
        hostile("that is encrypted", docx.adding(.init(name: "word/x", body: [1], flags: 1)).bytes, "encrypted"),
        hostile("of too many parts", docx.bytes(parts: 10_001), "too many parts"),
        hostile("with macros", docx.adding(.text("word/vbaProject.bin", "x")).bytes, "macros"),
        hostile(
            "that names macros",
            Archive(parts: [.text("[Content_Types].xml", "<Types ContentType='x.macroEnabled.main+xml'/>")])
                .adding(.text("word/document.xml", "<x/>")).bytes, "macros"),
        hostile(
            "that declares entities", docx.adding(.text("word/x.xml", "<!DOCTYPE a [<!ENTITY b 'c'>]><a/>")).bytes,
            "entities"),
        hostile(
            "that declares entities behind a long comment",
            docx.adding(
                .text("word/x.xml", "<!--\(String(repeating: "-x", count: 9000))--><!DOCTYPE a [<!ENTITY b 'c'>]><a/>")
            ).bytes, "entities"),
        hostile("without a list", Archive(names: ["_rels/.rels", "word/document.xml"]).bytes, ""),
        hostile("of two kinds", docx.adding(.text("xl/workbook.xml", "<x/>")).bytes, ""),
        hostile("that is any archive", Samples.plainZip, "application/zip"),
    ]

    private static let oldOffice: [Row] = [
        Row(name: "DOC", kind: .document, bytes: Samples.doc, outcome: .taken("application/msword")),
        Row(name: "XLS", kind: .document, bytes: Samples.xls, outcome: .taken("application/vnd.ms-excel")),
        Row(name: "old XLS", kind: .document, bytes: compound("Book"), outcome: .taken("application/vnd.ms-excel")),
        Row(
            name: "PPT", kind: .document, bytes: compound("PowerPoint Document"),
            outcome: .taken("application/vnd.ms-powerpoint")),
        Row(name: "DOC cut off", kind: .document, bytes: short(Samples.doc, 2000), outcome: .refused("cut off")),
        Row(
            name: "DOC that claims tables of sectors which it does not have", kind: .document, bytes: claimingTables,
            outcome: .taken("application/msword")),
        Row(
            name: "DOC with macros", kind: .document, bytes: compound("WordDocument", "_VBA_PROJECT"),
            outcome: .refused("macros")),
        Row(
            name: "XLS with macros", kind: .document, bytes: compound("Workbook", "_VBA_PROJECT_CUR"),
            outcome: .refused("macros")),
        Row(
            name: "DOC that is XLS as well", kind: .document, bytes: compound("WordDocument", "Workbook"),
            outcome: .refused("")),
        Row(name: "mail of Outlook", kind: .document, bytes: compound("__properties"), outcome: .refused("")),
    ]

    /// Where settings let text in.
    private static let texts: [Row] = [
        Row(name: "text", kind: .document, bytes: Samples.text, outcome: .taken("text/plain")),
        Row(name: "CSV", kind: .document, bytes: Samples.csv, outcome: .taken("text/csv")),
        Row(name: "page as text", kind: .document, bytes: Samples.html, outcome: .refused("")),
        Row(
            name: "page behind words", kind: .document,
            bytes: Array((String(repeating: "Hello there. ", count: 400) + "<SCRIPT>alert(1)</SCRIPT>").utf8),
            outcome: .refused("")),
        Row(
            name: "page of wide characters", kind: .document,
            bytes: [0xFF, 0xFE] + "Hello there\n<script>alert(1)</script>\n".utf16.flatMap { Samples.littleEndian($0) },
            outcome: .refused("")),
        Row(
            name: "shell script", kind: .document, bytes: Array("#!/bin/sh\nrm -rf /\n".utf8), outcome: .refused("")),
    ]

    private static let mislabelled: [Row] = [
        Row(name: "page as a picture", kind: .image, bytes: Samples.html, outcome: .refused("text/html")),
        Row(name: "drawing as a picture", kind: .image, bytes: Samples.svg, outcome: .refused("image/svg+xml")),
        Row(
            name: "drawing behind a declaration", kind: .document,
            bytes: Array("<?xml version=\"1.0\"?>\n<!-- a -->\n".utf8) + Samples.svg, outcome: .refused("")),
        Row(name: "PDF as a picture", kind: .image, bytes: Samples.pdf, outcome: .refused("application/pdf")),
        Row(name: "picture as a document", kind: .document, bytes: Samples.jpeg, outcome: .refused("image/jpeg")),
        Row(name: "picture as a sound", kind: .audio, bytes: Samples.jpeg, outcome: .refused("image/jpeg")),
        Row(name: "picture as a sticker", kind: .sticker, bytes: Samples.png, outcome: .refused("image/png")),
        Row(name: "sound as a film", kind: .video, bytes: Samples.mp3, outcome: .refused("audio/mpeg")),
        Row(
            name: "program as a document", kind: .document, bytes: Samples.windowsProgram,
            outcome: .refused("executable")),
        Row(
            name: "program as a picture", kind: .image, bytes: Samples.windowsProgram, outcome: .refused("executable")),
        Row(
            name: "start of a picture", kind: .image, bytes: [0xFF, 0xD8, 0xFF, 0xE0] + Samples.zeros(500),
            outcome: .refused("do not fit")),
    ]

    private static func hostile(_ name: String, _ bytes: [UInt8], _ words: String) -> Row {
        Row(name: "DOCX \(name)", kind: .document, bytes: bytes, outcome: .refused(words))
    }

    private static func cut(_ bytes: [UInt8]) -> [UInt8] { Array(bytes.prefix(bytes.count * 3 / 5)) }

    private static func short(_ bytes: [UInt8], _ count: Int) -> [UInt8] { Array(bytes.dropLast(count)) }

    private static func compound(_ streams: String...) -> [UInt8] { Samples.compoundFile(streams) }

    /// The film under another name of its kind.
    private static func branded(_ brand: String) -> [UInt8] {
        Array(Samples.mp4[..<8]) + Array(brand.utf8) + Array(Samples.mp4[12...])
    }

    /// The second of its tables lies outside.
    private static var claimingTables: [UInt8] {
        var bytes = Samples.doc
        bytes[44] = 2
        bytes.replaceSubrange(80..<84, with: Samples.littleEndian(UInt32(0x00FF_FFFF)))
        return bytes
    }

    private static func samsungRecords(_ text: String) -> [UInt8] {
        let record = Array(text.utf8)
        let length = Samples.littleEndian(UInt32(record.count))
        let directory =
            Array("SEFH".utf8) + Samples.littleEndian(UInt32(107)) + Samples.littleEndian(UInt32(1)) + [0, 0, 1, 10]
            + length + length
        return record + directory + Samples.littleEndian(UInt32(directory.count)) + Array("SEFT".utf8)
    }

    /// The archive's own comment covers the picture's rest, so both end where the file does.
    private static var archiveInComment: [UInt8] {
        let rest = Array(Samples.jpeg.dropFirst(2))
        let archive = Array(Archive(parts: docx.parts, comment: rest).bytes.dropLast(rest.count))
        let length = UInt16(archive.count + 2)
        return [0xFF, 0xD8, 0xFF, 0xFE, UInt8(length >> 8), UInt8(length & 255)] + archive + rest
    }
}

extension Archive {
    fileprivate func bytes(parts count: Int) -> [UInt8] {
        Archive(parts: parts + (0..<count - parts.count).map { Part(name: "word/\($0)") }).bytes
    }
}
