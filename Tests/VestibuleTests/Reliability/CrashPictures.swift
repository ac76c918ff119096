import Crypto
import Foundation
import WhatsApp

@testable import Simulator

/// Pictures that the simulated Meta hands out, each with other bytes.
struct CrashPictures: Sendable {
    struct Picture: Sendable {
        let id: String
        let sha256: [UInt8]
        let size: Int
    }

    let all: [Picture]

    /// Brings them to Meta; there a download takes some time from now on, so that a kill meets it half done.
    init(_ site: Site) async throws {
        let graph = GraphClient(fetch: site.fetch, origin: site.metaBase, version: "v21.0")
        var all: [Picture] = []
        for number in 0..<8 {
            let bytes = Padded.png(Pattern.bytes(20_000 * (number + 1)).reversed())
            let file = site.folder.appending(path: "picture-\(number).png")
            try Data(bytes).write(to: file)
            let id = try await graph.uploadMedia(
                path: file.path, mimeType: "image/png", fileName: "picture.png",
                phoneNumberID: site.simulator.settings.phoneNumberID,
                token: Secret(site.simulator.settings.accessToken))
            all.append(Picture(id: id, sha256: Array(SHA256.hash(data: bytes)), size: bytes.count))
        }
        self.all = all
        try await site.meta.fault(
            match: ["path": "/media-host"], action: ["slowBody": ["chunkBytes": 16_384, "gapMs": 10]], times: -1)
    }
}
