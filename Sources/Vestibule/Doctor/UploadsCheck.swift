import Foundation

/// Whether media can be stored, and for how long still.
struct UploadsCheck: Sendable {
    private static let scarce: UInt64 = 1 << 30

    let folder: String

    func findings() -> [Finding] {
        let manager = FileManager.default
        var parent = folder
        // The server makes the folder; what counts before is whether it will be allowed to.
        while !manager.fileExists(atPath: parent), !parent.isEmpty, parent != "/" {
            parent = (parent as NSString).deletingLastPathComponent
        }
        if parent.isEmpty { parent = "." }
        var isFolder: ObjCBool = false
        guard manager.fileExists(atPath: parent, isDirectory: &isFolder), isFolder.boolValue else {
            return [.fail("uploads", "\(parent) is no folder", mend: "set UPLOADS_DIR to a folder, or to a new name")]
        }
        guard manager.isWritableFile(atPath: parent) else {
            return [
                .fail(
                    "uploads", "\(folder) is not writable",
                    mend: "give this user the right to write there, or set UPLOADS_DIR")
            ]
        }
        var state = statvfs()
        guard statvfs(parent, &state) == 0 else {
            return [.warn("uploads", "\(folder): its free space can't be told", mend: "check the file system")]
        }
        let free = UInt64(state.f_bavail) * UInt64(state.f_frsize)
        let detail = "\(folder) is writable, \(free >> 20) MiB free"
        return [
            free < Self.scarce
                ? .warn("uploads", detail, mend: "free some space: a single document may take 100 MB")
                : .ok("uploads", detail)
        ]
    }
}
