import Foundation
import Testing
import WhatsApp

@testable import Gateway

@Suite struct MediaRulesTests {
    private static let office = "application/vnd.openxmlformats-officedocument."

    /// Each sample, and the type and extension that it is stored under as each kind that takes it.
    private static let table: [(name: String, bytes: [UInt8], taken: [MediaKind: [String]])] = [
        ("jpeg", Samples.jpeg, [.image: ["image/jpeg", "jpg"]]),
        ("png", Samples.png, [.image: ["image/png", "png"]]),
        ("gif", Samples.gif, [.image: ["image/gif", "gif"]]),
        ("webp", Samples.webp, [.image: ["image/webp", "webp"], .sticker: ["image/webp", "webp"]]),
        ("mp4", Samples.mp4, [.video: ["video/mp4", "mp4"], .audio: ["audio/mp4", "m4a"]]),
        (
            "mp42", Samples.isoMedia("mp42", "isom", "mp42"),
            [.video: ["video/mp4", "mp4"], .audio: ["audio/mp4", "m4a"]]
        ),
        (
            "m4v", Samples.isoMedia("M4V ", "isom", "mp42"),
            [.video: ["video/mp4", "mp4"], .audio: ["audio/mp4", "m4a"]]
        ),
        ("3gp", Samples.isoMedia("3gp4", "isom", "3gp4"), [.video: ["video/3gpp", "3gp"]]),
        ("3gp5", Samples.isoMedia("3gp5", "isom", "3gp5"), [.video: ["video/3gpp", "3gp"]]),
        ("m4a", Samples.isoMedia("M4A ", "isom", "M4A "), [.audio: ["audio/mp4", "m4a"]]),
        ("mp3", Samples.mp3, [.audio: ["audio/mpeg", "mp3"]]),
        ("ogg", Samples.ogg, [.audio: ["audio/ogg", "ogg"]]),
        ("amr", Samples.amr, [.audio: ["audio/amr", "amr"]]),
        ("aac", Samples.aac, [.audio: ["audio/aac", "aac"]]),
        ("pdf", Samples.pdf, [.document: ["application/pdf", "pdf"]]),
        ("docx", Samples.docx, [.document: [office + "wordprocessingml.document", "docx"]]),
        ("docx of LibreOffice", Samples.libreDocx, [.document: [office + "wordprocessingml.document", "docx"]]),
        ("xlsx", Samples.xlsx, [.document: [office + "spreadsheetml.sheet", "xlsx"]]),
        ("pptx", Samples.pptx, [.document: [office + "presentationml.presentation", "pptx"]]),
        ("doc", Samples.doc, [.document: ["application/msword", "doc"]]),
        ("xls", Samples.xls, [.document: ["application/vnd.ms-excel", "xls"]]),
        ("quicktime", Samples.isoMedia("qt  ", "qt  "), [:]),
        ("html", Samples.html, [:]), ("svg", Samples.svg, [:]), ("program", Samples.windowsProgram, [:]),
        ("zip", Samples.plainZip, [:]), ("text", Samples.text, [:]), ("csv", Samples.csv, [:]),
        ("noise", (0..<64).map { UInt8($0 * 37 % 251) }, [:]),
    ]
    private static let kinds: [MediaKind] = [.image, .video, .audio, .document, .sticker]

    private func type(of bytes: [UInt8]) throws -> String {
        let path = NSTemporaryDirectory() + "sample-" + UUID().uuidString
        try Data(bytes).write(to: URL(filePath: path))
        defer { unlink(path) }
        return try TypeSniffer().type(ofFileAt: path)
    }

    private func outcome(_ found: String, _ kind: MediaKind, _ rules: MediaRules, isSending: Bool) -> [String]? {
        do throws(MediaRules.Refusal) {
            let (type, suffix) = try rules.check(found, as: kind, isSending: isSending)
            return [type, suffix]
        } catch {
            #expect(error.reason.contains(kind.rawValue))
            #expect(!error.allowed.isEmpty && error.allowed == error.allowed.sorted())
            #expect(!error.allowed.contains(error.found))
            return nil
        }
    }

    @Test(arguments: table.map(\.name))
    func `a file received passes as the kinds that its bytes fit, and as no other`(_ name: String) throws {
        let row = try #require(Self.table.first { $0.name == name })
        let found = try type(of: row.bytes)
        for kind in Self.kinds {
            #expect(
                outcome(found, kind, MediaRules(), isSending: false) == row.taken[kind],
                "\(name), which is \(found), as \(kind)")
        }
    }

    @Test(arguments: table.map(\.name))
    func `of what is received all goes out too, but for pictures that WhatsApp takes from nobody`(
        _ name: String
    ) throws {
        let row = try #require(Self.table.first { $0.name == name })
        let found = try type(of: row.bytes)
        for kind in Self.kinds {
            let isRefused = kind == .image && ["gif", "webp"].contains(name)
            #expect(outcome(found, kind, MediaRules(), isSending: true) == (isRefused ? nil : row.taken[kind]))
        }
    }

    @Test func `text passes as a document only where it is allowed`() throws {
        for (bytes, taken) in [(Samples.text, ["text/plain", "txt"]), (Samples.csv, ["text/csv", "csv"])] {
            let found = try type(of: bytes)
            for kind in Self.kinds {
                let rules = MediaRules(allowsText: true)
                #expect(outcome(found, kind, rules, isSending: false) == (kind == .document ? taken : nil))
            }
        }
        #expect(outcome("text/html", .document, MediaRules(allowsText: true), isSending: false) == nil)
    }

    @Test func `the limits are WhatsApp's`() {
        let limits: [Int64] = [5_242_880, 16_777_216, 16_777_216, 104_857_600, 512_000]
        #expect(Self.kinds.map { MediaRules.limit(of: $0) } == limits)
    }

    @Test func `settings widen what comes in, and never beyond WhatsApp what goes out`() {
        var rules = MediaRules()
        rules.allowed = ["image/heic", "application/zip", "application/x-unheard-of", "video/quicktime"]
        rules.limits = [.image: 10 << 20, .document: 1 << 20]
        let documents = [("application/zip", "zip"), ("application/x-unheard-of", "bin")]
        for (type, suffix) in documents {
            #expect(outcome(type, .document, rules, isSending: false) == [type, suffix])
            #expect(outcome(type, .document, rules, isSending: true) == [type, suffix])
            #expect(outcome(type, .image, rules, isSending: false) == nil)
        }
        #expect(outcome("image/heic", .image, rules, isSending: false) == ["image/heic", "heic"])
        #expect(outcome("image/heic", .image, rules, isSending: true) == nil)
        #expect(outcome("video/quicktime", .video, rules, isSending: false) == ["video/quicktime", "mov"])
        #expect(rules.limit(of: .image) == 10 << 20 && rules.limit(of: .image, isSending: true) == 5 << 20)
        #expect(rules.limit(of: .document) == 1 << 20 && rules.limit(of: .document, isSending: true) == 1 << 20)
    }

    @Test func `settings narrow by kind and by type, both ways`() throws {
        var rules = MediaRules()
        rules.refusedKinds = [.video]
        rules.refusedTypes = ["image/webp"]
        for isSending in [false, true] {
            for (type, kind) in [("image/webp", MediaKind.sticker), ("image/webp", .image)] {
                #expect(throws: MediaRules.Refusal.self) { try rules.check(type, as: kind, isSending: isSending) }
            }
            #expect(throws: MediaRules.Refusal.self) { try rules.check("video/mp4", as: .video, isSending: isSending) }
            #expect(try rules.check("image/png", as: .image, isSending: isSending).suffix == "png")
            #expect(try rules.check("video/mp4", as: .audio, isSending: isSending).type == "audio/mp4")
        }
        #expect(throws: MediaRules.Refusal.self) { try rules.checkKind(.video) }
        #expect(throws: MediaRules.Refusal.self) { try rules.checkKind(.sticker) }
        try rules.checkKind(.image)
    }

    @Test(arguments: ["text/html", "image/svg+xml", "application/xml", "text/javascript", "zip", "", "a/b/c", "a/b;c"])
    func `what a browser could run, and what is no type, can't be let in`(_ type: String) {
        #expect(!MediaRules.canAllow(type))
    }

    @Test func `a file that is not there has no type`() throws {
        #expect(throws: GatewayError.self) { try TypeSniffer().type(ofFileAt: "/nonexistent/file") }
    }

    @Test func `types are told side by side`() async throws {
        let folder = URL(filePath: NSTemporaryDirectory() + "sniff-" + UUID().uuidString)
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer {
            // A left-over in the temporary folder is harmless.
            try? FileManager.default.removeItem(at: folder)
        }
        let samples = [("image/jpeg", Samples.jpeg), ("application/pdf", Samples.pdf), ("audio/ogg", Samples.ogg)]
        for (index, sample) in samples.enumerated() {
            try Data(sample.1).write(to: folder.appending(path: "\(index)"))
        }
        let sniffer = try TypeSniffer()
        try await withThrowingTaskGroup(of: Void.self) { group in
            for round in 0..<60 {
                group.addTask {
                    let index = round % samples.count
                    let type = try sniffer.type(ofFileAt: folder.appending(path: "\(index)").path)
                    #expect(type == samples[index].0)
                }
            }
            try await group.waitForAll()
        }
    }
}

@Suite struct FileNameTests {
    @Test(arguments: [
        ("invoice.pdf", "invoice.pdf"), ("../../etc/passwd", "passwd"), ("..\\..\\boot.ini", "boot.ini"),
        ("/", "file"), ("", "file"), ("...", "file"), (".", "file"), ("..", "file"), (" . .x", "x"),
        (".htaccess", "htaccess"), ("a\0b\r\nc\u{7f}.txt", "abc.txt"), ("gpj.\u{202E}exe", "gpj.exe"),
        ("zero\u{200B}width.pdf", "zerowidth.pdf"), ("a\"b<c>|d:e*f?.pdf", "a_b_c__d_e_f_.pdf"),
        ("Рахунок №5 – 請求書.pdf", "Рахунок №5 – 請求書.pdf"), ("line\u{2028}sep\u{2029}.md", "linesep.md"),
        ("private\u{E000}use", "privateuse"), ("C:\\Users\\me\\photo.jpg", "photo.jpg"), ("a/b/c/", "c"),
    ])
    func `a name keeps what people read and nothing that could be more`(_ name: String, _ cleaned: String) {
        #expect(FileName.clean(name) == cleaned)
    }

    @Test func `a name is at most two hundred characters long`() {
        #expect(FileName.clean(String(repeating: "x", count: 5000)).unicodeScalars.count == 200)
        let marks = "e" + String(repeating: "\u{301}", count: 5000)
        #expect(FileName.clean(marks).unicodeScalars.count <= 200)
    }

    @Test(arguments: [
        ("photo.jpg", "jpg", "photo.jpg"), ("PHOTO.JPG", "jpg", "PHOTO.JPG"), ("photo.png", "jpg", "photo.png.jpg"),
        ("photo.jpeg", "jpg", "photo.jpeg"), ("note.opus", "ogg", "note.opus"), ("photo.jpeg", "png", "photo.jpeg.png"),
        ("run.exe", "pdf", "run.exe.pdf"), ("", "pdf", "file.pdf"), ("../x", "pdf", "x.pdf"),
    ])
    func `a stored name ends as the bytes say`(_ name: String, _ suffix: String, _ cleaned: String) {
        #expect(FileName.clean(name, suffix: suffix) == cleaned)
    }

    @Test func `cleaning twice changes nothing`() {
        for name in ["../a b.pdf", " .x", "\u{202E}..", String(repeating: "é", count: 300)] {
            let once = FileName.clean(name)
            #expect(FileName.clean(once) == once)
        }
    }
}

@Suite struct StorePathTests {
    @Test(arguments: [
        "/uploads/whatsapp/../../etc/passwd", "/uploads/whatsapp/", "/uploads/whatsapp/.incoming",
        "/uploads/whatsapp/a/b.jpg", "/uploads/whatsapp/%2e%2e", "/uploads/whatsapp/A.jpg", "/uploads/x.jpg",
        "uploads/whatsapp/x.jpg", "/uploads/whatsapp/x\0.jpg", "/uploads/whatsapp/x y.jpg",
        "/uploads/whatsapp/" + String(repeating: "a", count: 101), "/uploads/whatsapp/..",
    ])
    func `nothing but a bare name of a stored file is a path`(_ path: String) {
        #expect(MediaName.inPath(path) == nil)
    }

    @Test func `a stored file's path names it`() {
        #expect(MediaName.inPath(MediaName.path(of: "0123abcd.jpg")) == "0123abcd.jpg")
    }
}
