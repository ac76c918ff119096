import Foundation
import WhatsApp

/// What has to be made of a file before WhatsApp takes it.
struct SendableForm: Sendable {
    /// In the order in which they are tried: the first whose result is small enough.
    let conversions: [Conversion]
    /// Whether it becomes a voice message.
    let isRecording: Bool

    /// The largest picture that is scaled down.
    private static let pictureLimit: Int64 = 64 * 1_048_576
    /// Pixels of a side; the second fits the limit whatever is to be seen.
    private static let sides = [4096, 2048]

    /// The most bytes of a file that is taken for sending.
    /// - Parameter fits: whether a picture over WhatsApp's limit may be scaled down.
    static func limit(of kind: MediaKind, fits: Bool, _ rules: MediaRules) -> Int64 {
        let limit = rules.limit(of: kind, isSending: true)
        return kind == .image && fits ? max(limit, pictureLimit) : limit
    }

    /// - Parameters:
    ///   - type: as libmagic names it.
    ///   - fits: whether a picture over the limit may be scaled down.
    /// - Returns: nil when the file can go as it is, or nothing can be made of it.
    init?(_ type: String, size: Int64, as kind: MediaKind, fits: Bool, limit: Int64) {
        switch (kind, Conversion.Source(type: type)) {
        case (.audio, .some(let source)) where [.matroska, .wav].contains(source):
            conversions = [.voiceMessage(of: source)]
            isRecording = true
        case (.image, .some(let source)) where [.jpeg, .png].contains(source) && fits && size > limit:
            conversions = Self.sides.map { .smaller(of: source, side: $0) }
            isRecording = false
        default: return nil
        }
    }
}

extension MediaConverter {
    /// Makes a file fit for WhatsApp, in its place.
    /// - Throws: `MediaRules.Refusal` when it can't be made.
    func make(_ form: SendableForm, of path: String, found type: String, limit: Int64) async throws {
        let made = path + ".made"
        for conversion in form.conversions {
            do {
                try await make(conversion, of: path, at: made)
            } catch let failure as Failure {
                throw Self.refusal(failure, type)
            }
            if try LocalFile.size(made) <= limit { break }
        }
        guard rename(made, path) == 0 else { throw FileError(errno, "rename") }
    }

    private static func refusal(_ failure: Failure, _ type: String) -> MediaRules.Refusal {
        switch failure.reason {
        case .absent(let program):
            MediaRules.Refusal(
                reason: "the file is \(type) and would have to be converted; \(program.rawValue) is not installed here",
                found: type, allowed: [])
        case .unreadable:
            MediaRules.Refusal(reason: "the file is \(type) and can't be converted", found: type, allowed: [])
        }
    }
}
