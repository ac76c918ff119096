import Foundation
import NIOCore

/// Why the server could not start, in words that name the mend.
struct StartFailure: Error, CustomStringConvertible {
    let description: String

    static func explain(_ error: any Error, settings: Settings, simulatorPort: Int) -> any Error {
        guard let error = error as? IOError else { return error }
        switch error.errnoCode {
        case EADDRINUSE:
            return StartFailure(
                description:
                    "a port is in use: the server wants \(settings.port) (PORT), the simulator, with --simulate, "
                    + "\(simulatorPort) (--simulator-port). Stop what holds it or choose another")
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
