import LiveKit
import Mongo
import SQL

/// Whether something that the gateway needs is there, and how long it took to answer.
package struct DependencyState: Sendable {
    package let name: String
    package let ok: Bool
    /// Without it callers are turned away; without one that is not required something only waits.
    package let isRequired: Bool
    package let milliseconds: Double
    /// What is wrong or worth knowing; no secret.
    package let detail: String?
    /// What waits for it.
    package let depth: Int?
}

extension Gateway {
    /// A dependency that takes longer to answer counts as away.
    private static let patience: Duration = .seconds(3)

    /// Asks every dependency, side by side. The gateway can do its work without the mirror and the uploads folder for a
    /// while: either being away shows here and loses nothing.
    package func readiness() async -> [DependencyState] {
        await Database.$patience.withValue(Self.patience) {
            async let database = Self.state("database", isRequired: true) { [database] in
                _ = try await database.ping()
                return (nil, nil)
            }
            async let uploads = Self.state("uploads") { [media] in
                try await media.checkWritable()
                return (nil, nil)
            }
            async let scanner = scannerState()
            async let mirrored = mirrorState()
            async let live = liveKitState()
            var states = [await database, await uploads]
            states.append(await Self.state("ingest") { [ingest] in (nil, ingest.queue.depth) })
            if let spool = ingest.spool {
                states.append(
                    await Self.state("spool") {
                        (spool.depth == 0 ? nil : "webhooks wait for the database", spool.depth)
                    })
            }
            return states + [await scanner, await mirrored, await live].compactMap(\.self)
        }
    }

    private func scannerState() async -> DependencyState? {
        guard let scanner = media.scanner else { return nil }
        return await Self.state("clamd") {
            try await scanner.check()
            return (nil, nil)
        }
    }

    private func mirrorState() async -> DependencyState? {
        guard let mongo, let mirror else { return nil }
        return await Self.state("mongodb") {
            _ = try await mongo.ping(within: Self.patience)
            // While the database is away nobody knows how much waits.
            guard let lag = try? await mirror.lag() else { return (nil, nil) }
            return (lag.documents == 0 ? nil : "the mirror lags \(lag.seconds) s behind", lag.documents)
        }
    }

    private func liveKitState() async -> DependencyState? {
        guard let liveKit else { return nil }
        return await Self.state("livekit") {
            try await liveKit.server.ping(within: Self.patience)
            return (nil, nil)
        }
    }

    /// Brings the gauges up to date that only a look at the database tells; called when metrics are read.
    package func refreshGauges() async {
        await Database.$patience.withValue(Self.patience) { await lookAtGauges() }
    }

    private func lookAtGauges() async {
        metrics.gauge("vestibule_ingest_queue", help: "Webhooks that wait for the writer.").set(
            Double(ingest.queue.depth))
        if let spool = ingest.spool {
            metrics.gauge("vestibule_spool_webhooks", help: "Webhooks that wait in the spool for the database.")
                .set(Double(spool.depth))
        }
        // Losing this look is safe: the gauges keep what they last showed.
        if let depths = try? await jobs.queue.depths() {
            for state in ["open", "running", "dead"] {
                metrics.gauge("vestibule_jobs", help: "Jobs by state.", labels: ["state": state])
                    .set(Double(depths[state] ?? 0))
            }
        }
        if let paused = try? await jobs.queue.pauseCount() {
            metrics.gauge("vestibule_job_pauses", help: "Pauses of jobs that an operator has set.").set(Double(paused))
        }
        if let counts = try? await endpoints.counts() {
            for (state, count) in counts {
                metrics.gauge(
                    "vestibule_webhook_endpoints", help: "Endpoints by state.", labels: ["state": state]
                ).set(Double(count))
            }
        }
        if let mirror, let lag = try? await mirror.lag() {
            metrics.gauge("vestibule_mirror_documents_waiting", help: "Documents that MongoDB lacks.")
                .set(Double(lag.documents))
            mirror.counters.lag.set(lag.seconds)
        }
    }

    private static func state(
        _ name: String, isRequired: Bool = false, _ look: @Sendable () async throws -> (detail: String?, depth: Int?)
    ) async -> DependencyState {
        let start = ContinuousClock.now
        var ok = true
        var found: (detail: String?, depth: Int?)
        do {
            found = try await look()
        } catch {
            ok = false
            found = (words(error), nil)
        }
        let time = start.duration(to: .now) / .milliseconds(1)
        return DependencyState(
            name: name, ok: ok, isRequired: isRequired, milliseconds: time, detail: found.detail, depth: found.depth)
    }

    private static func words(_ error: any Error) -> String {
        switch error {
        case let error as MongoError: error.message
        case let error as ServerError: error.summary
        case let error as SQLError: error.message
        default: GatewayError(wrapping: error).message
        }
    }
}
