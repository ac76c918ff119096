import WhatsApp

/// Another form of a stored file, made when it is first asked for. It lies beside its source, under a name that follows
/// from the source's: so whoever removes one can remove the other.
package enum Rendition: String, Sendable, CaseIterable {
    /// A small picture.
    case thumbnail = "thumb"
    /// A voice message for players that know no Opus.
    case m4a

    private var suffix: String {
        switch self {
        case .thumbnail: ".thumb.jpg"
        case .m4a: ".as.m4a"
        }
    }

    package func name(of source: String) -> String { source + suffix }

    static func parse(_ name: String) -> (form: Rendition, source: String)? {
        allCases.first { name.hasSuffix($0.suffix) }.map { ($0, String(name.dropLast($0.suffix.count))) }
    }

    /// - Parameter type: of the source.
    /// - Returns: nil when there is no such form of these files.
    func conversion(of type: String) -> Conversion? {
        switch self {
        case .thumbnail:
            switch Conversion.Source(type: type) {
            case .matroska, .wav, nil: nil
            case .some(let source): .thumbnail(of: source)
            }
        case .m4a: type == "audio/ogg" ? .m4a : nil
        }
    }

    /// Of which there can be files, whatever the source is.
    static func names(of source: String) -> [String] {
        // Types are told by the extension that files are stored under.
        switch source.split(separator: ".").last {
        case "jpg", "png", "gif", "webp", "mp4", "3gp", "pdf": [thumbnail.name(of: source)]
        case "ogg": [m4a.name(of: source)]
        default: []
        }
    }

    var kinds: String {
        switch self {
        case .thumbnail: "images, videos and PDFs have a preview"
        case .m4a: "OGG recordings have an m4a form"
        }
    }
}
