/// How one form of a file is made of another: which program reads what, and writes what.
enum Conversion: Sendable, Hashable {
    /// A small JPEG of an image, a video or a PDF's first page.
    case thumbnail(of: Source)
    /// What browsers record, as WhatsApp's voice messages have it: OGG with Opus, mono.
    case voiceMessage(of: Source)
    /// AAC in MP4, for players that know no Opus.
    case m4a
    /// A JPEG with sides of at most this many pixels.
    case smaller(of: Source, side: Int)

    /// What a file is read as, whatever it may look like: no program guesses.
    enum Source: String, Sendable {
        case jpeg, png, gif, webp, mp4, pdf, matroska, wav

        /// - Parameter type: as libmagic or the store names it.
        init?(type: String) {
            switch type {
            case "image/jpeg": self = .jpeg
            case "image/png": self = .png
            case "image/gif": self = .gif
            case "image/webp": self = .webp
            case "video/mp4", "video/3gpp": self = .mp4
            case "application/pdf": self = .pdf
            case "video/webm", "audio/webm", "video/x-matroska", "audio/x-matroska": self = .matroska
            case "audio/x-wav", "audio/wav", "audio/vnd.wave": self = .wav
            default: return nil
            }
        }

        /// FFmpeg's reader.
        fileprivate var reader: String {
            switch self {
            case .jpeg: "jpeg_pipe"
            case .png: "png_pipe"
            case .gif: "gif"
            case .webp: "webp_pipe"
            case .mp4: "mov"
            case .matroska: "matroska"
            case .wav: "wav"
            case .pdf: "pdf_pipe"
            }
        }
    }

    private static let thumbnailSide = 320
    private static let megabyte: Int64 = 1_048_576

    var program: MediaPrograms.Name {
        if case .thumbnail(of: .pdf) = self { .pdftoppm } else { .ffmpeg }
    }

    /// Without the folder.
    var output: String {
        switch self {
        case .thumbnail, .smaller: "made.jpg"
        case .voiceMessage: "made.ogg"
        case .m4a: "made.m4a"
        }
    }

    var type: String {
        switch self {
        case .thumbnail, .smaller: "image/jpeg"
        case .voiceMessage: "audio/ogg"
        case .m4a: "audio/mp4"
        }
    }

    /// The most bytes that are written.
    var outputLimit: Int64 {
        switch self {
        case .thumbnail: Self.megabyte
        case .smaller: 32 * Self.megabyte
        case .voiceMessage, .m4a: 32 * Self.megabyte
        }
    }

    func arguments(input: String) -> [String] {
        switch self {
        case .thumbnail(of: .pdf):
            let side = String(Self.thumbnailSide)
            return ["-jpeg", "-f", "1", "-l", "1", "-singlefile", "-scale-to", side, "-q", input, "made"]
        case .thumbnail(let source):
            // Of a video's first pictures the one that shows most; a still picture is its only one.
            return Self.ffmpeg(
                source.reader, input, Self.picture("thumbnail=24,", Self.thumbnailSide, quality: 4), output)
        case .smaller(let source, let side):
            return Self.ffmpeg(source.reader, input, Self.picture("", side, quality: 3), output)
        case .voiceMessage(let source):
            let sound = ["-map", "0:a:0", "-ac", "1", "-ar", "48000", "-c:a", "libopus", "-b:a", "32k"]
            return Self.ffmpeg(source.reader, input, sound + ["-application", "voip", "-f", "ogg"], output)
        case .m4a:
            let sound = ["-map", "0:a:0", "-c:a", "aac", "-b:a", "64k", "-movflags", "+faststart", "-f", "ipod"]
            return Self.ffmpeg("ogg", input, sound, output)
        }
    }

    /// Fits into a square without being made larger, on white where it is transparent.
    private static func picture(_ choice: String, _ side: Int, quality: Int) -> [String] {
        let scale = "scale='min(\(side),iw)':'min(\(side),ih)':force_original_aspect_ratio=decrease"
        let white = "split[a][b];[a]lutrgb=r=255:g=255:b=255:a=255[c];[c][b]overlay=format=rgb"
        return [
            "-filter_complex", "[0:v:0]\(choice)\(scale),format=rgba,\(white),format=yuvj420p", "-frames:v", "1",
            "-q:v", String(quality), "-f", "mjpeg",
        ]
    }

    /// One thread, no other file and no network, nothing of the source's tags, the same bytes each time.
    private static func ffmpeg(_ reader: String, _ input: String, _ middle: [String], _ output: String) -> [String] {
        [
            "-nostdin", "-hide_banner", "-loglevel", "error", "-threads", "1", "-filter_threads", "1",
            "-filter_complex_threads", "1", "-protocol_whitelist", "file,pipe", "-f", reader, "-i", "file:\(input)",
        ] + ["-map_metadata", "-1", "-fflags", "+bitexact", "-flags", "+bitexact", "-threads", "1"] + middle
            + ["-y", "file:\(output)"]
    }
}
