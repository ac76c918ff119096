/// Has clamd look at files. Only its clear "OK" on all of a file's bytes lets one pass.
package struct VirusScanner: Sendable {
    let address: ClamdAddress
    /// For one file, the wait for its turn included.
    let timeout: Duration
    private let threads: BlockingThreads
    /// Scans that hang must not hold up the question whether it answers.
    private let checkThread = BlockingThreads(name: "clamd-check", count: 1)

    private static let checkTimeout: Duration = .seconds(3)
    private static let turns = 4

    package init(_ address: ClamdAddress, timeout: Duration = .seconds(60)) {
        self.address = address
        self.timeout = timeout
        threads = BlockingThreads(name: "clamd", count: Self.turns)
    }

    /// - Throws: `MediaRules.Refusal` that names what was found; `.unavailable` when there is no verdict.
    func scan(_ path: String) async throws {
        let verdict = try await telling {
            try await threads.run(within: timeout) { [address] limit in
                try ClamdSession(address, limit).scan(FileBytes(path))
            }
        }
        if verdict == "stream: OK" { return }
        guard let found = Self.signature(verdict) else {
            throw Self.unavailable("the virus scanner could not look at the file: \(Self.plain(verdict))")
        }
        throw MediaRules.Refusal(reason: "the virus scanner found \(found)", found: found, allowed: [])
    }

    /// Whether it answers.
    package func check() async throws {
        let answer = try await telling {
            try await checkThread.run(within: Self.checkTimeout) { [address] limit in
                try ClamdSession(address, limit).ask("PING")
            }
        }
        guard answer == "PONG" else { throw Self.unavailable("the virus scanner's address answers as something else") }
    }

    /// As `ClamAV 1.4.3/27500/Mon Nov 16 09:31:04 2026`: the program and the signatures it has.
    package func version() async throws -> String {
        try await check()
        return Self.plain(
            try await telling {
                try await checkThread.run(within: Self.checkTimeout) { [address] limit in
                    try ClamdSession(address, limit).ask("VERSION")
                }
            })
    }

    private static func signature(_ verdict: String) -> String? {
        guard verdict.hasPrefix("stream: "), verdict.hasSuffix(" FOUND") else { return nil }
        return plain(String(verdict.dropFirst("stream: ".count).dropLast(" FOUND".count)))
    }

    /// Visible ASCII, at most 200 characters: it is shown to people.
    private static func plain(_ text: String) -> String {
        String(String.UnicodeScalarView(text.unicodeScalars.filter { (0x20...0x7E).contains($0.value) }.prefix(200)))
    }

    private static func unavailable(_ cause: String) -> GatewayError {
        GatewayError(.unavailable, "files can't be scanned for viruses just now; try again", cause: cause)
    }

    private func telling<Value>(_ call: () async throws -> Value) async throws -> Value {
        do {
            return try await call()
        } catch let failure as ClamdSession.Failure {
            throw Self.unavailable("the virus scanner: \(failure.reason)")
        } catch let end as CallLimit.End {
            switch end {
            case .timedOut: throw Self.unavailable("the virus scanner did not answer in time")
            case .cancelled: throw CancellationError()
            }
        }
    }
}
