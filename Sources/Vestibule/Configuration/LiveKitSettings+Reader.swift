import Foundation
import Gateway
import LiveKit

extension LiveKitSettings {
    /// - Returns: nil where LiveKit is not set up.
    init?(_ reader: inout SettingsReader) {
        let url = reader.text(
            .liveKitURL, expected: "a ws, wss, http or https address without query, as wss://livekit.example.org"
        ) {
            ServerURL($0) != nil
        }.flatMap(ServerURL.init)
        let key = reader.secret(.liveKitAPIKey)
        let secret = reader.secret(.liveKitAPISecret)
        let agent = reader.text(.liveKitAgentName, expected: "an agent's name of at most 256 characters") {
            $0.unicodeScalars.count <= 256
        }
        let library = reader.text(.liveKitLibrary) ?? Self.libraryBesideProgram
        let names: [SettingName] = [.liveKitURL, .liveKitAPIKey, .liveKitAPISecret]
        guard let given = (names + [.liveKitAgentName]).first(where: reader.has) else { return nil }
        for name in names where !reader.has(name) { reader.report(name, "is needed with \(given.rawValue)") }
        guard let url, let key, let secret else { return nil }
        self.init(url: url, key: APIKey(id: key.reveal(), secret: secret.reveal()))
        agentName = agent
        libraryPath = library
        mediaBase = reader.text(.publicURL)
    }

    private static var libraryBesideProgram: String? {
        guard let program = Bundle.main.executableURL else { return nil }
        let path = program.deletingLastPathComponent().appending(path: "liblivekit_ffi.so").path
        return FileManager.default.fileExists(atPath: path) ? path : nil
    }
}
