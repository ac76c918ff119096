import Crypto

/// Short-lived addresses of media: the id, the end of its life and a hash that only the simulator can make.
struct MediaLink: Sendable {
    let secret: String
    let lifetime: Int

    /// - Parameter now: seconds since 1970.
    func query(for id: String, now: Int64) -> String {
        let end = String(now + Int64(lifetime))
        return "mid=\(id)&ext=\(end)&hash=\(hash(id, end))"
    }

    /// - Returns: the media id, nil when the link is over or not one of ours.
    func id(from query: [String: String], now: Int64) -> String? {
        guard let id = query["mid"], let end = query["ext"], let seconds = Int64(end), now < seconds,
            query["hash"] == hash(id, end)
        else { return nil }
        return id
    }

    private func hash(_ id: String, _ end: String) -> String {
        let code = HMAC<SHA256>.authenticationCode(
            for: Array("\(id).\(end)".utf8), using: SymmetricKey(data: Array("media.\(secret)".utf8)))
        return "AR" + Hex.text(Array(code).prefix(10))
    }
}
