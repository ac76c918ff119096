import Foundation
import JSON
import Logging
import SQL
import WhatsApp

/// Fetches what a customer sent: address from Graph, bytes to a temporary file, checks, then the store and the message.
struct MediaFetch: JobHandler {
    let database: Database
    let accounts: AccountDirectory
    let messages: MessageStore
    let store: MediaStore
    let graph: GraphClient
    let clock: Clock
    let counters: MediaMetrics
    let logger: Logger

    /// With waits that double from two seconds to an hour these tries take about seven hours.
    private static let attempts = 16
    /// Meta's copy differing from its own hash is tried this often, whatever else went wrong before.
    private static let integrityAttempts = 3
    private static let integrityWait: Duration = .seconds(1)
    /// Waiting for disk or storage is no attempt; from two seconds to a minute.
    private static func storagePause(_ job: Job) -> Duration { .seconds(min(60, 2 << min(job.pauses, 5))) }

    /// - Returns: nil for a message that has no media to fetch.
    static func job(for message: Message, at now: Milliseconds) -> Job? {
        guard message.media.status == .pending else { return nil }
        return Job(
            kind: .fetchMedia, account: message.account, lane: "media:\(message.messageID.rawValue)", position: 0,
            payload: ["messageId": .string(message.messageID.rawValue)], runAt: now, createdAt: now)
    }

    func run(_ job: Job) async throws -> JobVerdict? {
        guard let id = job.payload["messageId"]?.string.map(MessageID.init(rawValue:)) else {
            return .giveUp(reason: "the job names no message")
        }
        guard let message = try await database.read({ session in try messages.find([id], session).first }),
            message.media.status == .pending, let graphID = message.media.graphID,
            let kind = message.media.kind.flatMap(MediaKind.init(rawValue:))
        else { return .done }
        guard let account = accounts.find(job.account), let token = account.token, let number = account.phoneNumberID
        else {
            return .retry(after: .seconds(300), reason: "the account has no access token")
        }
        do {
            try await store.checkSpace()
            let row = try await fetchWhole(message, graphID, kind, token, number)
            try await finish(job, id) { $0.take(row) }
            counters.received(kind, row.size)
            return nil
        } catch {
            return try await judge(error, job, message)
        }
    }

    /// Bytes that miss their hash are fetched again.
    private func fetchWhole(
        _ message: Message, _ graphID: String, _ kind: MediaKind, _ token: Secret, _ number: String
    ) async throws -> MediaTable.Row {
        for _ in 1..<Self.integrityAttempts {
            do {
                return try await fetch(message, graphID, kind, token, number)
            } catch is IntegrityError {
                try await Task.sleep(for: Self.integrityWait)
            }
        }
        return try await fetch(message, graphID, kind, token, number)
    }

    private func fetch(
        _ message: Message, _ graphID: String, _ kind: MediaKind, _ token: Secret, _ number: String
    ) async throws -> MediaTable.Row {
        let info = try await graph.media(id: graphID, phoneNumberID: number, token: token)
        let limit = MediaRules.limit(of: kind)
        if let size = info.fileSize, size > limit { throw Self.tooLarge(kind) }
        let temporary = store.temporaryPath()
        let download = try await graph.downloadMedia(url: info.url, token: token, to: temporary, limit: limit)
        guard Self.fits(download.sha256, [info.sha256, message.media.sha256]) else {
            store.discard(temporary)
            throw IntegrityError()
        }
        return try await store.adopt(
            temporary, kind: kind, sha256: download.sha256, size: download.size,
            originalName: message.media.fileName, account: message.account, isSending: false)
    }

    /// Graph gives the hash in hexadecimal, webhooks in Base64 (in history hexadecimal, too).
    private static func fits(_ digest: [UInt8], _ announced: [String?]) -> Bool {
        let forms = [digest.hexadecimal, Data(digest).base64EncodedString()]
        return announced.compactMap(\.self).allSatisfy { hash in
            forms.contains(hash) || forms.contains(hash.lowercased())
        }
    }

    private func judge(_ error: any Error, _ job: Job, _ message: Message) async throws -> JobVerdict? {
        switch error {
        case let refusal as MediaRules.Refusal:
            return try await reject(job, message, .rejected, refusal.reason)
        case is IntegrityError:
            return try await reject(
                job, message, .rejected, "the bytes do not have the SHA-256 that WhatsApp announced")
        case GraphError.unreachable(.tooLarge):
            return try await reject(
                job, message, .rejected, Self.tooLarge(message.media.kind.flatMap(MediaKind.init) ?? .document).reason)
        case GraphError.unreachable(.fileSystem(let problem)):
            return .pause(for: Self.storagePause(job), reason: problem)
        case let error as GraphError:
            switch error.treatment {
            case .pause(.account, _):
                try await accounts.pause(job.account, MessageFailure(error))
                return .pause(for: .seconds(300), reason: error.summary)
            case .pause(_, let wait): return .pause(for: wait ?? .seconds(60), reason: error.summary)
            case .retry(let after) where job.attempts + 1 < Self.attempts:
                return .retry(after: after ?? .seconds(min(3600, 2 << min(job.attempts, 11))), reason: error.summary)
            case .fail, .retry: return try await reject(job, message, .expired, error.summary)
            }
        case let error as FileError: return .pause(for: Self.storagePause(job), reason: error.description)
        case let error as GatewayError where error.code == .unavailable:
            return .pause(for: Self.storagePause(job), reason: error.cause ?? error.message)
        default: throw error
        }
    }

    private func reject(
        _ job: Job, _ message: Message, _ status: MediaStatus, _ reason: String
    ) async throws -> JobVerdict? {
        logger.info(
            "media not taken",
            metadata: [
                "message.id": "\(message.messageID.rawValue)", "status": "\(status.rawValue)", "reason": "\(reason)",
            ])
        counters.rejected.increment()
        // What was refused would be refused again; what could not be had may be there another time.
        let end = status == .expired ? JobVerdict.giveUp(reason: reason) : .done
        try await finish(job, message.messageID, end) {
            $0.media.status = status
            $0.media.reason = reason
        }
        return nil
    }

    private func finish(
        _ job: Job, _ id: MessageID, _ end: JobVerdict = .done, _ change: @Sendable (inout Message) -> Void
    ) async throws {
        let now = clock.now()
        try await database.transaction { session in
            try messages.change(id, at: now, session) { message in
                change(&message)
                return true
            }
            try JobQueue.finish(job, end, at: now, session)
        }
    }

    private static func tooLarge(_ kind: MediaKind) -> MediaRules.Refusal {
        let limit = MediaRules.limit(of: kind)
        return MediaRules.Refusal(
            reason: "the file is larger than the \(limit) bytes allowed for \(kind.rawValue)", found: "a larger file",
            allowed: [])
    }

    private struct IntegrityError: Error {}
}

extension Message {
    fileprivate mutating func take(_ row: MediaTable.Row) {
        media.status = .ready
        media.url = MediaName.path(of: row.name)
        media.fileName = row.originalName ?? media.fileName
        media.fileSize = row.size
        media.mimeType = row.mimeType
        media.sha256 = row.sha256
    }
}

/// What the media path counts.
struct MediaMetrics: Sendable {
    let metrics: Metrics
    let rejected: Counter

    init(_ metrics: Metrics) {
        self.metrics = metrics
        rejected = metrics.counter("vestibule_media_rejected_total", help: "Received files that were not taken.")
    }

    func received(_ kind: MediaKind, _ size: Int64) {
        metrics.counter(
            "vestibule_media_received_total", help: "Received files stored.", labels: ["kind": kind.rawValue]
        ).increment()
        metrics.counter("vestibule_media_received_bytes_total", help: "Bytes of received files.").increment(
            by: Int(size))
    }
}
