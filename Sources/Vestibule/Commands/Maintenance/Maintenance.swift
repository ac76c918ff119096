import Gateway
import Logging

/// Opens the gateway beside one that may be running, without serving, for the time of one command.
enum Maintenance {
    static func run(_ body: (Gateway) async throws -> Void) async throws {
        let (settings, logger) = try Console.settings()
        do {
            let gateway = try await Gateway.open(
                settings.gateway, isServing: false, metrics: Metrics(), logger: logger)
            do {
                try await body(gateway)
            } catch {
                await gateway.close()
                throw error
            }
            await gateway.close()
        } catch {
            throw Console.stop(error)
        }
    }
}
