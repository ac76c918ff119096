/// Extensions of types that only a setting lets in.
enum MediaSuffix {
    private static let openDocument = "application/vnd.oasis.opendocument."
    private static let known = [
        "text/plain": "txt", "text/csv": "csv", "text/rtf": "rtf", "application/rtf": "rtf", "text/calendar": "ics",
        "text/vcard": "vcf", "message/rfc822": "eml", "application/json": "json", "application/zip": "zip",
        "application/gzip": "gz", "application/x-7z-compressed": "7z", "application/x-rar": "rar",
        "application/epub+zip": "epub", openDocument + "text": "odt", openDocument + "spreadsheet": "ods",
        openDocument + "presentation": "odp", "image/heic": "heic", "image/heif": "heif", "image/avif": "avif",
        "image/tiff": "tif", "image/bmp": "bmp", "video/quicktime": "mov", "video/webm": "webm",
        "video/x-matroska": "mkv", "video/x-msvideo": "avi", "audio/x-wav": "wav", "audio/flac": "flac",
    ]

    static func of(_ type: String) -> String { known[type] ?? "bin" }
}
