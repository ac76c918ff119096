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

    static let docx = Archive(names: ["[Content_Types].xml", "_rels/.rels", "word/document.xml"]).bytes
    static let xlsx = Archive(names: ["[Content_Types].xml", "_rels/.rels", "xl/workbook.xml"]).bytes
    static let pptx = Archive(names: ["[Content_Types].xml", "_rels/.rels", "ppt/presentation.xml"]).bytes
    /// As LibreOffice orders its entries.
    static let libreDocx = Archive(names: [
        "_rels/.rels", "docProps/app.xml", "docProps/core.xml", "word/_rels/document.xml.rels", "word/document.xml",
        "[Content_Types].xml",
    ]).bytes
    static let plainZip = Archive(names: ["a.txt", "b.txt"]).bytes
    static let doc = compoundFile(["WordDocument"])
    static let xls = compoundFile(["Workbook"])

    /// The old office format: a compound file whose first stream has 4096 bytes; up to three of them.
    static func compoundFile(_ streams: [String]) -> [UInt8] {
        let none: UInt32 = 0xffff_ffff
        let end: UInt32 = 0xffff_fffe
        func words(_ words: [UInt32]) -> [UInt8] { words.flatMap { littleEndian($0) } }
        func entry(_ name: String, kind: UInt8, _ links: [UInt32], start: UInt32, size: UInt32) -> [UInt8] {
            let text = (name + "\0").utf16.flatMap { littleEndian($0) }
            return bytes(
                text, zeros(64 - text.count), littleEndian(UInt16(text.count)), [kind, 1], words(links), zeros(36),
                words([start, size, 0]))
        }
        let chain: [UInt32] = [0xffff_fffd, end, 3, 4, 5, 6, 7, 8, 9, end]
        let table = words(chain + Array(repeating: none, count: 128 - chain.count))
        var directory = entry("Root Entry", kind: 5, [none, none, 1], start: end, size: 0)
        for (number, name) in streams.enumerated() {
            let next = number + 1 < streams.count ? UInt32(number + 2) : none
            directory += entry(
                name, kind: 2, [none, next, none], start: number == 0 ? 2 : 0, size: number == 0 ? 4096 : 8)
        }
        let versions: [UInt16] = [0x3e, 3, 0xfffe, 9, 6]
        let header = bytes(
            [0xd0, 0xcf, 0x11, 0xe0, 0xa1, 0xb1, 0x1a, 0xe1], zeros(16), versions.flatMap { littleEndian($0) },
            zeros(6), words([0, 1, 1, 0, 4096, end, 0, end, 0, 0]), [UInt8](repeating: 0xff, count: 108 * 4))
        return bytes(header, table, directory, zeros(512 - directory.count), zeros(4096))
    }

    private static func bytes(_ parts: [UInt8]...) -> [UInt8] { Array(parts.joined()) }
    static func zeros(_ count: Int) -> [UInt8] { [UInt8](repeating: 0, count: count) }
    private static func repeated(_ bytes: [UInt8], _ count: Int) -> [UInt8] { (0..<count).flatMap { _ in bytes } }
    static func littleEndian<Number: FixedWidthInteger>(_ number: Number) -> [UInt8] {
        withUnsafeBytes(of: number.littleEndian) { Array($0) }
    }
    private static func bigEndian(_ number: UInt32) -> [UInt8] { withUnsafeBytes(of: number.bigEndian) { Array($0) } }
}
