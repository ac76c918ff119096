import Foundation

extension Harness {
    /// Names of the stored files.
    var stored: [String] { files("whatsapp", "the folder can't be read") }

    /// Names of files that are being received, by this gateway or any other.
    var incoming: [String] {
        files(".incoming", "the folder can't be read").filter { $0 != ".lock" }
            .flatMap { files(".incoming/\($0)", nil) }.filter { $0 != ".lock" }
    }

    private func files(_ folder: String, _ problem: String?) -> [String] {
        // A gateway that is just ending takes its folder away, and then nothing is in it.
        (try? FileManager.default.contentsOfDirectory(atPath: uploads.appending(path: folder).path))
            ?? [problem].compactMap(\.self)
    }
}
