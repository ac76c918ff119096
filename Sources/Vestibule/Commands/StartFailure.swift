import Foundation
import NIOCore

/// Why the server could not start, in words that name the mend.
struct StartFailure: Error, CustomStringConvertible {
    let description: String

    /// - Parameter simulatorPort: nil when the simulator doesn't run.
    static func explain(_ error: any Error, settings: Settings, simulatorPort: Int?) -> any Error {
        switch error {
        case let error as IOError:
            explain(error, settings, simulatorPort)
        case let error as SocketAddressError.UnknownHost:
            StartFailure(description: "HOST: \(error.host) can't be resolved")
        default:
            error
        }
    }

    private static func explain(_ error: IOError, _ settings: Settings, _ simulatorPort: Int?) -> any Error {
        switch error.errnoCode {
        case EADDRINUSE:
            let simulator = simulatorPort.map { ", or --simulator-port: \($0) is" } ?? ""
            return StartFailure(
                description: "PORT: \(settings.port) is in use\(simulator); stop what holds it or choose another port")
        case EACCES:
            return StartFailure(
                description: "PORT: \(settings.port) needs more rights than this user has; use one from 1024")
        case EADDRNOTAVAIL:
            return StartFailure(description: "HOST: \(settings.host) is no address of this machine")
        default:
            return error
        }
    }
}
