import Foundation
import JSON
import Testing
import WhatsApp

@testable import Gateway

/// With a scanner set, no file gets past it unseen.
@Suite(.timeLimit(.minutes(10))) struct VirusScanTests {
    /// What came of a scan.
    enum Outcome: Sendable, Hashable {
        case passed, waits
        case refused(String)
    }

    static let verdicts: [(manner: StandInClamd.Manner, outcome: Outcome)] = [
        (.answering("stream: OK"), .passed),
        (.answering("stream: Win.Test.EICAR_HDB-1 FOUND"), .refused("Win.Test.EICAR_HDB-1")),
        (.answering("stream: a\r\nb\u{1B}[0m FOUND"), .refused("ab[0m")),
        (.answering("INSTREAM size limit exceeded. ERROR"), .waits),
        (.answering("stream: Can't allocate memory ERROR"), .waits),
        (.answering(""), .waits), (.answering("OK"), .waits), (.answering("stream: OK FOUND OK"), .waits),
        (.answering("UNKNOWN COMMAND"), .waits), (.saying("stream: OK"), .waits),
        (.saying(String(repeating: "stream: OK", count: 1000)), .waits),
        (.answeringEarly("stream: OK"), .waits), (.limiting(to: 100_000), .waits), (.closing, .waits),
        (.silent, .waits),
    ]

    private func outcome(_ scanner: VirusScanner, _ bytes: [UInt8]) async throws -> Outcome {
        let path = NSTemporaryDirectory() + "/scan-\(MediaName.random())"
        try Data(bytes).write(to: URL(fileURLWithPath: path))
        defer { unlink(path) }
        do {
            try await scanner.scan(path)
            return .passed
        } catch let refusal as MediaRules.Refusal {
            return .refused(refusal.found)
        } catch let error as GatewayError where error.code == .unavailable {
            return .waits
        }
    }

    @Test(arguments: [false, true])
    func `only clamd's clear word on all of a file lets it pass`(isUnix: Bool) async throws {
        // More than sockets hold on their way.
        let file = Samples.jpeg + Samples.zeros(8 << 20)
        for row in Self.verdicts {
            let path = isUnix ? "/tmp/clamd-\(MediaName.random().prefix(12))" : nil
            let clamd = try StandInClamd(row.manner, path: path)
            defer {
                clamd.stop()
                if let path { unlink(path) }
            }
            let isSilent = if case .silent = row.manner { true } else { false }
            let scanner = VirusScanner(clamd.address, timeout: .seconds(isSilent ? 2 : 60))
            #expect(try await outcome(scanner, file) == row.outcome, "\(row.manner)")
            if case .answering = row.manner { #expect(clamd.scanned == [file]) }
        }
    }

    @Test(arguments: [
        ClamdAddress.tcp(host: "127.0.0.1", port: 1), .tcp(host: "no-such-host.invalid", port: 3310),
        .unix(path: "/nonexistent/clamd.sock"), .unix(path: "/tmp/" + String(repeating: "x", count: 200)),
    ])
    func `a scanner that is not there lets nothing pass`(_ address: ClamdAddress) async throws {
        #expect(try await outcome(VirusScanner(address), Samples.jpeg) == .waits)
    }

    @Test func `a scan ends with the task that waits for it`() async throws {
        let clamd = try StandInClamd(.silent)
        defer { clamd.stop() }
        let scanner = VirusScanner(clamd.address, timeout: .seconds(600))
        let path = NSTemporaryDirectory() + "/scan-\(MediaName.random())"
        try Data(Samples.jpeg).write(to: URL(fileURLWithPath: path))
        defer { unlink(path) }
        let scan = Task { try await scanner.scan(path) }
        while clamd.scanned.isEmpty { try await Task.sleep(for: .milliseconds(10)) }
        scan.cancel()
        await #expect(throws: CancellationError.self) { try await scan.value }
    }

    /// A gateway whose files pass this scanner, and Meta with one picture.
    private func receiving(
        _ stage: Stage, _ address: ClamdAddress, _ bytes: [UInt8] = Samples.jpeg,
        _ body: @Sendable (MediaInTests.Lab) async throws -> Void
    ) async throws {
        let meta = try StandInMeta()
        defer { meta.stop() }
        meta.set(information: [meta.information(of: bytes)], files: [StandInMeta.file(bytes)])
        try await Harness.run(stage, graphURL: meta.origin) {
            $0.virusScanner = address
        } _: { harness in
            try await body(MediaInTests.Lab(harness: harness, meta: meta))
        }
    }

    @Test(arguments: Stage.all)
    func `a received file with a virus is refused by its name`(_ stage: Stage) async throws {
        let clamd = try StandInClamd(.answering("stream: Eicar-Test FOUND"))
        defer { clamd.stop() }
        try await receiving(stage, clamd.address) { lab in
            let message = try await lab.arrive("image")
            #expect(message.media.status == .rejected)
            #expect(message.media.reason?.contains("Eicar-Test") == true)
            #expect(clamd.scanned == [Samples.jpeg])
            #expect(try await lab.stored().isEmpty)
            #expect(try await lab.unfinished().isEmpty)
            #expect(try await lab.harness.count("SELECT COUNT(*) AS n FROM media") == 0)
        }
    }

    @Test(arguments: Stage.all)
    func `a received file waits for the scanner and is ready after it`(_ stage: Stage) async throws {
        let clamd = try StandInClamd(.limiting(to: 10))
        defer { clamd.stop() }
        try await receiving(stage, clamd.address) { lab in
            try await lab.harness.receive(messages: [
                ["from": "15550100001", "id": "wamid.media", "type": "image", "image": ["id": "1001"]]
            ])
            for (number, manner) in [StandInClamd.Manner.limiting(to: 10), .closing, .saying("stream: OK")].enumerated()
            {
                clamd.set(manner)
                try await lab.harness.pass("the job does not wait") {
                    try await lab.harness.count("SELECT COALESCE(MAX(pauses), 0) AS n FROM jobs") > number
                }
                #expect(try await lab.harness.message("wamid.media").media.status == .pending)
                #expect(try await lab.stored().isEmpty)
            }
            clamd.set(.answering("stream: OK"))
            try await lab.harness.pass("the medium is pending") {
                try await lab.harness.message("wamid.media").media.status == .ready
            }
            #expect(try await lab.stored().count == 1)
            #expect(try await lab.unfinished().isEmpty)
            #expect(clamd.scanned.last == Samples.jpeg)
        }
    }

    @Test(arguments: Stage.all)
    func `a file to send is refused by the virus's name, and without a verdict for now`(_ stage: Stage) async throws {
        let clamd = try StandInClamd()
        defer { clamd.stop() }
        let server = try LocalServer { _ in StandInMeta.file(Samples.jpeg) }
        defer { server.stop() }
        try await SendHarness.run(stage) {
            $0.virusScanner = clamd.address
            $0.mediaFetchAllow = ["127.0.0.1:\(server.port)"]
        } _: { lab in
            let draft = Draft(
                content: .media(try OutgoingMedia(kind: .image)), mediaURL: server.origin + "/photo.jpg")
            clamd.set(.answering("stream: Eicar-Test FOUND"))
            let refused = await #expect(throws: GatewayError.self) { try await lab.submit(draft) }
            #expect(refused?.code == .mediaRejected && refused?.data["found"]?.string == "Eicar-Test")
            for manner in [StandInClamd.Manner.limiting(to: 10), .closing, .answering("stream: trouble ERROR")] {
                clamd.set(manner)
                let error = await #expect(throws: GatewayError.self) { try await lab.submit(draft) }
                #expect(error?.code == .unavailable)
            }
            #expect(try await lab.stored().isEmpty)
            #expect(try await lab.unfinished().isEmpty)
            clamd.set(.answering("stream: OK"))
            #expect(try await lab.send(draft).status == .sent)
            #expect(clamd.scanned.last == Samples.jpeg)
        }
    }

    @Test func `readiness tells whether the scanner answers`() async throws {
        let clamd = try StandInClamd()
        try await Harness.run(.sqlite) {
            $0.virusScanner = clamd.address
        } _: { harness in
            #expect(await harness.gateway.readiness().first { $0.name == "clamd" }?.ok == true)
            clamd.stop()
            try await harness.wait("it still answers") {
                let state = await harness.gateway.readiness().first { $0.name == "clamd" }
                return state?.ok == false && state?.isRequired == false
            }
        }
    }

    @Test(.enabled(if: RealClamd.isInstalled), arguments: Stage.all)
    func `clamd itself passes what is clean, names what it finds, and makes what is too large wait`(
        _ stage: Stage
    ) async throws {
        try await RealClamd.run { clamd in
            let scanner = VirusScanner(clamd.address)
            #expect(try await scanner.version().hasPrefix("ClamAV "))
            #expect(try await outcome(scanner, Samples.jpeg) == .passed)
            // In the picture's comment, so that nothing but the virus is wrong with it.
            var infected: [UInt8] = [0xFF, 0xD8, 0xFF, 0xFE, 0, UInt8(RealClamd.infection.count + 2)]
            infected += RealClamd.infection
            infected += Samples.jpeg.dropFirst(2)
            #expect(try await outcome(scanner, infected) == .refused("Vestibule.Test.UNOFFICIAL"))
            #expect(try await outcome(scanner, Samples.zeros(RealClamd.limit + 100_000)) == .waits)
            try await receiving(stage, clamd.address) { (lab: MediaInTests.Lab) async throws in
                #expect(try await lab.arrive("image").media.status == .ready)
            }
            try await receiving(stage, clamd.address, infected) { lab in
                let message = try await lab.arrive("image")
                #expect(message.media.status == .rejected)
                #expect(message.media.reason?.contains("Vestibule.Test") == true)
                #expect(try await lab.stored().isEmpty)
            }
        }
    }

    @Test func `continuous integration scans with clamd itself`() {
        #expect(ProcessInfo.processInfo.environment["CI"] != "true" || RealClamd.isInstalled)
    }
}
