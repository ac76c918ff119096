import Foundation

/// A small real file that a phone can send when its user gives none.
struct SampleMedia: Sendable {
    let bytes: [UInt8]
    let mimeType: String
    let fileName: String

    /// - Returns: nil for a kind that has no file.
    static func of(_ kind: String) -> SampleMedia? { all[kind] }

    private static let all: [String: SampleMedia] = [
        "image": SampleMedia(jpegSampleBase64, "image/jpeg", "picture.jpg"),
        "video": SampleMedia(mp4SampleBase64, "video/mp4", "clip.mp4"),
        "audio": SampleMedia(mp3SampleBase64, "audio/mpeg", "tone.mp3"),
        "voice": SampleMedia(oggSampleBase64, "audio/ogg; codecs=opus", "voice.ogg"),
        "document": SampleMedia(pdfSampleBase64, "application/pdf", "invoice-1042.pdf"),
        "sticker": SampleMedia(webpSampleBase64, "image/webp", "sticker.webp"),
        "png": SampleMedia(pngSampleBase64, "image/png", "picture.png"),
    ]

    private init(_ base64: String, _ mimeType: String, _ fileName: String) {
        bytes = [UInt8](Data(base64Encoded: base64) ?? Data())
        self.mimeType = mimeType
        self.fileName = fileName
    }
}
