import Foundation

/// Where settings come from: the environment, and behind it a `.env` file.
struct SettingsSource: Sendable {
    let values: [String: String]
    let problems: [SettingProblem]
    /// The `.env` file that was read.
    let file: String?

    /// - Parameter dotEnv: the text of the `.env` file. The environment wins over it.
    init(environment: [String: String], dotEnv: String? = nil, file: String? = nil) {
        let parsed = DotEnvFile(dotEnv ?? "")
        values = parsed.values.merging(environment) { _, fromEnvironment in fromEnvironment }
        problems = parsed.problems
        self.file = file
    }

    /// This process's environment, and the `.env` of the working directory or else the one beside the program.
    static func ofProcess() -> SettingsSource {
        let environment = ProcessInfo.processInfo.environment
        var folders = [FileManager.default.currentDirectoryPath]
        if let program = Bundle.main.executableURL {
            folders.append(program.resolvingSymlinksInPath().deletingLastPathComponent().path)
        }
        for folder in folders {
            let path = folder + "/.env"
            guard FileManager.default.fileExists(atPath: path) else { continue }
            guard let bytes = FileManager.default.contents(atPath: path) else {
                return SettingsSource(environment: environment, unreadable: path)
            }
            return SettingsSource(environment: environment, dotEnv: String(decoding: bytes, as: UTF8.self), file: path)
        }
        return SettingsSource(environment: environment)
    }

    private init(environment: [String: String], unreadable path: String) {
        values = environment
        problems = [SettingProblem(name: path, problem: "cannot be read; check its permissions")]
        file = path
    }
}
