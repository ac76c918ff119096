import Gateway

/// Whether the programs are here that make previews and voice messages.
struct MediaProgramsCheck: Sendable {
    let programs: MediaPrograms

    func finding() -> Finding {
        let absent = programs.absent
        guard !absent.isEmpty else { return .ok("formats", "ffmpeg and pdftoppm are here") }
        let packages = Set(absent.map(\.package)).sorted().joined(separator: " ")
        return .warn(
            "formats", "not installed: \(absent.map(\.rawValue).joined(separator: ", "))",
            mend: "install \(packages) (Debian) for previews, voice messages of recordings and fit=true")
    }
}
