import SQL
import ServiceLifecycle

/// A service whose database calls take this long at most, so that connections which hang since an outage are given up
/// soon after it.
struct PatientService: Service {
    let service: any Service
    let patience: Duration

    func run() async throws {
        try await Database.$patience.withValue(patience) { try await service.run() }
    }
}
