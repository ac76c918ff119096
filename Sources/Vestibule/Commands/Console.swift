import ArgumentParser
import Foundation
import Gateway
import Logging
import SQL

/// What the commands say to whoever runs them.
enum Console {
    /// Ends the command with `error` in plain words and exit code 1.
    static func stop(_ error: any Error) -> ExitCode {
        StandardStream.error.write("vestibule: \(words(for: error).replacing("\n", with: "\nvestibule: "))\n")
        return ExitCode.failure
    }

    static func words(for error: any Error) -> String {
        switch error {
        case let error as GatewayError: error.cause.map { "\(error.message): \($0)" } ?? error.message
        case let error as SQLError: "database: \(error.message)"
        default: String(describing: error)
        }
    }

    /// The settings, with their warnings logged and the log set up as they say.
    static func settings() throws -> (settings: Settings, logger: Logger) {
        let source = SettingsSource.ofProcess()
        let settings: Settings
        do {
            settings = try Settings(source)
        } catch {
            throw stop(error)
        }
        let logger = logger(settings.logFormat, settings.logLevel)
        if let file = source.file { logger.debug("settings read from file", metadata: ["path": "\(file)"]) }
        return (settings, logger)
    }

    static func logger(_ format: LogFormat = .text, _ level: Logger.Level = .info) -> Logger {
        LoggingSystem.bootstrap { LineLogHandler(label: $0, format: format, level: level) }
        return Logger(label: "vestibule")
    }

    /// What to type to run this program again.
    static var program: String {
        let path = CommandLine.arguments.first ?? "vestibule"
        return path.contains(" ") ? "'\(path)'" : path
    }
}
