import Foundation
import Testing

@testable import Simulator

/// Small files of every type, whole enough that their bytes tell what they are.
enum Samples {
    static func simulator(_ kind: String) -> [UInt8] { SampleMedia.of(kind)?.bytes ?? [] }

    static let jpeg = simulator("image")
    static let png = simulator("png")
    static let webp = simulator("sticker")
    static let mp4 = simulator("video")
    static let mp3 = simulator("audio")
    static let ogg = simulator("voice")
    static let pdf = simulator("document")
    static let gif = bytes(
        Array("GIF89a".utf8), [1, 0, 1, 0, 0x80, 0, 0, 0, 0, 0, 255, 255, 255], [0x21, 0xf9, 4, 1, 0, 0, 0, 0],
        [0x2c, 0, 0, 0, 0, 1, 0, 1, 0, 0, 2, 2, 0x44, 1, 0, 0x3b])
    static let amr = bytes(Array("#!AMR\n".utf8), repeated(bytes([0x3c], zeros(31)), 5))
    static let aac = repeated(bytes([0xff, 0xf1, 0x50, 0x80, 0x02, 0x1f, 0xfc], zeros(9)), 20)
    static let html = Array("<!DOCTYPE html><html><head><title>Sorry</title></head><body>x</body></html>".utf8)
    static let svg = Array(#"<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>"#.utf8)
    static let text = Array("Hello there,\nthis is a note.\n".utf8)
    static let csv = Array("name,age,town\nAnn,31,Bonn\nBen,42,Kiel\nCid,53,Ulm\n".utf8)
    static let windowsProgram = bytes(
        Array("MZ".utf8), zeros(58), [64, 0, 0, 0], Array("PE\0\0".utf8), zeros(200))

    /// An ISO media file of this brand without content.
    static func isoMedia(_ brand: String, _ compatible: String...) -> [UInt8] {
        let names = Array((["ftyp", brand, "\0\0\u{2}\0"] + compatible).joined().utf8)
        return bytes(
            bigEndian(UInt32(names.count + 4)), names, bigEndian(8), Array("free".utf8), bigEndian(8),
            Array("mdat".utf8))
    }

    static let docx = zip(["[Content_Types].xml", "_rels/.rels", "word/document.xml"])
    static let xlsx = zip(["[Content_Types].xml", "_rels/.rels", "xl/workbook.xml"])
    static let pptx = zip(["[Content_Types].xml", "_rels/.rels", "ppt/presentation.xml"])
    /// As LibreOffice orders its entries.
    static let libreDocx = zip([
        "_rels/.rels", "docProps/app.xml", "docProps/core.xml", "word/_rels/document.xml.rels", "word/document.xml",
        "[Content_Types].xml",
    ])
    static let plainZip = zip(["a.txt", "b.txt"])
    static let doc = compoundFile("WordDocument")
    static let xls = compoundFile("Workbook")

    /// An archive whose entries are stored.
    private static func zip(_ names: [String]) -> [UInt8] {
        var entries: [UInt8] = []
        var directory: [UInt8] = []
        for name in names {
            let body = Array(
                ("<?xml version=\"1.0\"?><part>" + String(repeating: "\(name) ", count: 40) + "</part>").utf8)
            let size = littleEndian(UInt32(body.count))
            let facts = bytes(
                [20, 0, 0, 0, 0, 0, 0, 0, 0x21, 0], littleEndian(crc(body)), size, size,
                littleEndian(UInt16(name.utf8.count)), [0, 0])
            directory += bytes(
                Array("PK\u{1}\u{2}".utf8), [20, 0], facts, zeros(10), littleEndian(UInt32(entries.count)),
                Array(name.utf8))
            entries += bytes(Array("PK\u{3}\u{4}".utf8), facts, Array(name.utf8), body)
        }
        let count = littleEndian(UInt16(names.count))
        return bytes(
            entries, directory, Array("PK\u{5}\u{6}".utf8), zeros(4), count, count,
            littleEndian(UInt32(directory.count)), littleEndian(UInt32(entries.count)), zeros(2))
    }

    /// The old office format: a compound file with one stream of 4096 bytes.
    private static func compoundFile(_ stream: String) -> [UInt8] {
        let none: UInt32 = 0xffff_ffff
        let end: UInt32 = 0xffff_fffe
        func words(_ words: [UInt32]) -> [UInt8] { words.flatMap { littleEndian($0) } }
        func entry(_ name: String, kind: UInt8, child: UInt32, start: UInt32, size: UInt32) -> [UInt8] {
            let text = (name + "\0").utf16.flatMap { littleEndian($0) }
            return bytes(
                text, zeros(64 - text.count), littleEndian(UInt16(text.count)), [kind, 1], words([none, none, child]),
                zeros(36), words([start, size, 0]))
        }
        let chain: [UInt32] = [0xffff_fffd, end, 3, 4, 5, 6, 7, 8, 9, end]
        let table = words(chain + Array(repeating: none, count: 128 - chain.count))
        let root = entry("Root Entry", kind: 5, child: 1, start: end, size: 0)
        let file = entry(stream, kind: 2, child: none, start: 2, size: 4096)
        let versions: [UInt16] = [0x3e, 3, 0xfffe, 9, 6]
        let header = bytes(
            [0xd0, 0xcf, 0x11, 0xe0, 0xa1, 0xb1, 0x1a, 0xe1], zeros(16), versions.flatMap { littleEndian($0) },
            zeros(6), words([0, 1, 1, 0, 4096, end, 0, end, 0, 0]), [UInt8](repeating: 0xff, count: 108 * 4))
        return bytes(header, table, root, file, zeros(512 - root.count - file.count), zeros(4096))
    }

    private static func crc(_ bytes: [UInt8]) -> UInt32 {
        ~bytes.reduce(UInt32.max) { sum, byte in
            (0..<8).reduce(sum ^ UInt32(byte)) { sum, _ in sum >> 1 ^ (sum & 1 == 1 ? 0xedb8_8320 : 0) }
        }
    }

    private static func bytes(_ parts: [UInt8]...) -> [UInt8] { Array(parts.joined()) }
    static func zeros(_ count: Int) -> [UInt8] { [UInt8](repeating: 0, count: count) }
    private static func repeated(_ bytes: [UInt8], _ count: Int) -> [UInt8] { (0..<count).flatMap { _ in bytes } }
    private static func littleEndian<Number: FixedWidthInteger>(_ number: Number) -> [UInt8] {
        withUnsafeBytes(of: number.littleEndian) { Array($0) }
    }
    private static func bigEndian(_ number: UInt32) -> [UInt8] { withUnsafeBytes(of: number.bigEndian) { Array($0) } }
}
