/// What may be uploaded, and as which kind of message it may go out.
enum MediaTypes {
    private static let office = "application/vnd.openxmlformats-officedocument."
    private static let documents = [
        "text/plain", "application/pdf", "application/msword", "application/vnd.ms-excel",
        "application/vnd.ms-powerpoint", office + "wordprocessingml.document", office + "spreadsheetml.sheet",
        office + "presentationml.presentation",
    ]

    static let accepted =
        ["audio/aac", "audio/mp4", "audio/mpeg", "audio/amr", "audio/ogg"] + documents
        + ["image/jpeg", "image/png", "image/webp", "video/mp4", "video/3gpp"]

    /// The type without parameters, lower case.
    static func essence(_ mimeType: String) -> String {
        let type = mimeType.split(separator: ";", maxSplits: 1).first ?? ""
        return type.split(separator: " ").joined().lowercased()
    }

    /// Bytes; nil for a type that can't be uploaded.
    static func limit(of mimeType: String) -> Int? {
        let type = essence(mimeType)
        guard accepted.contains(type) else { return nil }
        if type == "image/webp" { return 500 * 1024 }
        if type.hasPrefix("image/") { return 5 * 1_048_576 }
        if type.hasPrefix("audio/") || type.hasPrefix("video/") { return 16 * 1_048_576 }
        return 100 * 1_048_576
    }

    static func fits(_ mimeType: String, _ kind: String) -> Bool {
        let type = essence(mimeType)
        switch kind {
        case "image": return type == "image/jpeg" || type == "image/png"
        case "sticker": return type == "image/webp"
        case "audio", "video": return type.hasPrefix(kind + "/")
        default: return type != "image/webp"
        }
    }

    /// Whether the first bytes may be of that type; true for types without a signature.
    static func matches(_ bytes: [UInt8], _ mimeType: String) -> Bool {
        func starts(_ signature: [UInt8], at offset: Int = 0) -> Bool {
            bytes.dropFirst(offset).starts(with: signature)
        }
        switch essence(mimeType) {
        case "image/jpeg": return starts([0xff, 0xd8, 0xff])
        case "image/png": return starts([0x89, 0x50, 0x4e, 0x47])
        case "image/webp": return starts(Array("RIFF".utf8)) && starts(Array("WEBP".utf8), at: 8)
        case "application/pdf": return starts(Array("%PDF".utf8))
        case "audio/ogg": return starts(Array("OggS".utf8))
        case "audio/amr": return starts(Array("#!AMR".utf8))
        case "video/mp4", "video/3gpp", "audio/mp4": return starts(Array("ftyp".utf8), at: 4)
        default: return true
        }
    }
}
