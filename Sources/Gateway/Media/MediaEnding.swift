/// How the fetching of a received file ended, for its message.
enum MediaEnding: Sendable {
    case ready(MediaTable.Row)
    case rejected(String)
    case expired(String)
}

extension Message {
    /// From `pending` to an end; only once.
    /// - Returns: false for a message whose media has an end already.
    mutating func end(_ ending: MediaEnding) -> Bool {
        guard media.status == .pending else { return false }
        switch ending {
        case .ready(let row):
            media.status = .ready
            media.url = MediaName.path(of: row.name)
            media.fileName = row.originalName ?? media.fileName
            media.fileSize = row.size
            media.mimeType = row.mimeType
            media.sha256 = row.sha256
        case .rejected(let reason):
            media.status = .rejected
            media.reason = reason
        case .expired(let reason):
            media.status = .expired
            media.reason = reason
        }
        return true
    }
}
