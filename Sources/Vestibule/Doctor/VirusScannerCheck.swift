import Gateway

/// Whether clamd answers, and with which signatures.
struct VirusScannerCheck: Sendable {
    let address: ClamdAddress

    func finding() async -> Finding {
        do {
            return .ok("clamd", "\(address): \(try await VirusScanner(address).version())")
        } catch {
            let problem = (error as? GatewayError).map { $0.cause ?? $0.message } ?? "cancelled"
            return .fail(
                "clamd", "\(address): \(problem)",
                mend: "start clamd, or correct CLAMD_ADDRESS; until then no file is received or sent")
        }
    }
}
