import Gateway

/// Which form of a file is asked for by the query: `thumb=1` or `as=m4a`.
enum MediaForm {
    /// - Returns: nil for the file itself.
    static func asked(_ query: QueryReader) throws(RequestFailure) -> Rendition? {
        let wantsThumbnail: Bool
        switch query.text("thumb") {
        case nil, "0": wantsThumbnail = false
        case "1": wantsThumbnail = true
        default: throw .invalid("`thumb` must be 1", field: "thumb")
        }
        guard let form = query.text("as") else { return wantsThumbnail ? .thumbnail : nil }
        guard form == Rendition.m4a.rawValue else { throw .invalid("`as` must be m4a", field: "as") }
        guard !wantsThumbnail else {
            throw RequestFailure(GatewayError(.notFound, "an m4a form has no preview"))
        }
        return .m4a
    }
}
