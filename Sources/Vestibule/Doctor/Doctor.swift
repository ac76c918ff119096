import Fetch
import Logging

/// Tries everything the server needs, one thing after the other, and says what is broken and how it is mended.
struct Doctor: Sendable {
    let settings: Settings
    let logger: Logger

    func examine(_ report: (Finding) -> Void) async -> [Finding] {
        var findings: [Finding] = []
        func add(_ more: [Finding]) {
            findings += more
            more.forEach(report)
        }
        add(settings.warnings.map { .warn("settings", $0, mend: "correct or remove it") })
        add([exposure])
        add([await DatabaseCheck(location: settings.gateway.database, logger: logger).finding()])
        add([await MongoCheck(uri: settings.gateway.mongoURI, logger: logger).finding()])
        add(UploadsCheck(folder: settings.gateway.uploadsDirectory).findings())
        add([MediaProgramsCheck(programs: settings.gateway.mediaPrograms).finding()])
        let fetch = FetchClient(userAgent: "vestibule/\(VestibuleProgram.version)", logger: logger)
        if let storage = settings.gateway.objectStorage {
            add([await ObjectStorageCheck(settings: storage, fetch: fetch).finding()])
        }
        if let address = settings.gateway.virusScanner {
            add([await VirusScannerCheck(address: address).finding()])
        }
        let liveKit = LiveKitCheck(settings: settings.gateway.liveKit, fetch: fetch)
        add([await liveKit.finding(), liveKit.participantFinding()].compactMap(\.self))
        add(await GraphCheck(settings: settings, fetch: fetch).findings())
        fetch.close()
        return findings
    }

    private var exposure: Finding {
        let exposure = Exposure(settings)
        guard !exposure.openDoors.isEmpty else { return .ok("exposure", "API keys and webhook signatures are checked") }
        let doors = exposure.openDoors.joined(separator: "; ")
        return exposure.isLoopback
            ? .warn(
                "exposure", doors,
                mend: "fine on this machine alone (HOST=\(settings.host)); set both before others can reach it")
            : .fail("exposure", "HOST=\(settings.host) and \(doors)", mend: "set what is missing, or HOST=127.0.0.1")
    }
}
