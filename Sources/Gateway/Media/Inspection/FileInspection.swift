/// Looks at the structure of a file whose type is known: whether it is whole, and nothing else besides. Reads what it
/// needs, a piece at a time. Its calls block: see ``BlockingThreads``.
enum FileInspection {
    private static let office = "application/vnd.openxmlformats-officedocument."
    private static let package = Array("PK\u{3}\u{4}".utf8)

    /// What containers hold, which their first bytes do not always tell.
    /// - Parameter sniffed: the type by the first bytes.
    static func type(ofFileAt path: String, sniffed: String) throws -> String {
        let file = try FileWindow(path)
        let start = try file.bytes(upTo: 8, at: 0)
        do {
            if start.starts(with: package) { return try OfficePackage.type(ZipDirectory(file)) ?? sniffed }
            if start.elementsEqual(CompoundFile.signature) { return try CompoundFile(file).type ?? sniffed }
        } catch is Malformed {
            // `check` says what is wrong, if the type is one that passes.
        }
        return sniffed
    }

    /// - Parameter type: that the file is stored as. Those that only a setting lets in pass as they are.
    /// - Throws: `Malformed`
    static func check(_ path: String, type: String) throws {
        let file = try FileWindow(path)
        switch type {
        case "image/jpeg": try JPEGInspection.check(file)
        case "image/png": try PictureInspection.checkPNG(file)
        case "image/gif": try PictureInspection.checkGIF(file)
        case "image/webp": try PictureInspection.checkWebP(file)
        case "video/mp4", "video/3gpp", "audio/mp4": try MovieInspection.check(file)
        case "audio/ogg": try SoundInspection.checkOgg(file)
        case "audio/aac": try SoundInspection.checkAAC(file)
        case "audio/amr": try SoundInspection.checkAMR(file)
        case "audio/mpeg": try MPEGAudioInspection.check(file)
        case "application/pdf": try PDFInspection.check(file)
        case "text/plain", "text/csv": try TextInspection.check(file)
        case "application/msword", "application/vnd.ms-excel", "application/vnd.ms-powerpoint":
            try CompoundFile(file).check(type: type)
            return
        case _ where type.hasPrefix(office):
            try OfficePackage.check(file, type: type)
            return
        default: return
        }
        // Archives are found by their ends, so a file can begin as something else and still be one.
        if try ZipDirectory.end(of: file) != nil { throw Malformed(problem: "it is a ZIP archive as well") }
    }
}
