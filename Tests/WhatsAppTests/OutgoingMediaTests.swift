import JSON
import Testing

@testable import WhatsApp

private func fault(
    _ kind: MediaKind, caption: String? = nil, fileName: String? = nil, voice: Bool = false, path: String = ""
) -> String? {
    fault { () throws(FieldError) in
        .media(try OutgoingMedia(kind: kind, caption: caption, fileName: fileName, voice: voice, path: path))
    }
}

@Suite struct OutgoingMediaTests {
    @Test func `captions go with images, videos and documents, up to 1024 characters`() {
        let longest = String(repeating: "é", count: 1024)
        for kind in [MediaKind.image, .video, .document] {
            #expect(fault(kind, caption: longest) == nil)
            #expect(fault(kind, caption: longest + "x") == "caption")
        }
        #expect(fault(.audio, caption: "x") == "caption")
        #expect(fault(.sticker, caption: "x", path: "media") == "media.caption")
        #expect(fault(.audio, caption: "") == nil)
    }

    @Test func `only audio is a voice note`() {
        #expect(fault(.audio, voice: true) == nil)
        for kind in MediaKind.allCases where kind != .audio { #expect(fault(kind, voice: true) == "voice") }
    }

    @Test(arguments: ["a/b.pdf", "..\\b.pdf", "a\nb.pdf", "a\u{0}.pdf", String(repeating: "a", count: 256)])
    func `a file name is a bare name`(name: String) {
        #expect(fault(.document, fileName: name) == "fileName")
    }

    @Test func `Meta gets the id, the caption, and the file name of documents only`() throws {
        func object(_ media: OutgoingMedia) -> JSON? {
            OutgoingContent.media(media)
                .graphBody(to: .phone("+1"), mediaID: "5", context: nil, callbackData: "")[media.kind.rawValue]
        }
        #expect(
            object(try OutgoingMedia(kind: .image, caption: "Look", fileName: "a.jpg")) == [
                "id": "5", "caption": "Look",
            ])
        #expect(object(try OutgoingMedia(kind: .document, fileName: "a.pdf")) == ["id": "5", "filename": "a.pdf"])
        #expect(object(try OutgoingMedia(kind: .audio, voice: true)) == ["id": "5", "voice": true])
        #expect(object(try OutgoingMedia(kind: .audio)) == ["id": "5"])
    }

    @Test(arguments: MediaKind.allCases)
    func `each kind comes back from what is stored`(kind: MediaKind) throws {
        let caption = kind == .audio || kind == .sticker ? nil : "Look"
        let media = try OutgoingMedia(kind: kind, caption: caption, fileName: "a.bin", voice: kind == .audio)
        try expectRestored(.media(media))
        #expect(OutgoingContent.media(media).type == kind.rawValue)
    }
}
