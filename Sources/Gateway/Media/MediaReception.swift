import Fetch
import Foundation
import WhatsApp

/// How one received file comes in: what to do next, from what has happened and the time alone. It holds for one run of
/// the file's job; what a run leaves to later stands in the job.
///
/// A message's `mediaStatus` begins with `pending` and has three ends. `ready`: the file is whole, checked and stored.
/// `rejected`: it was had and is not taken. `expired`: Meta has it no more, or nobody could get it within the seven
/// days that Meta keeps it.
struct MediaReception: Sendable {
    enum Step: Sendable, Equatable {
        /// Ask the Graph API where the file is and what it should be.
        case describe
        /// Let the host recover, and then `describe`.
        case describeAgain(after: Duration)
        case download(from: String)
        /// Check what the bytes are and store them.
        case store(sha256: [UInt8], size: Int64)
        case end(End)
    }

    enum End: Sendable, Equatable {
        case rejected(String)
        case expired(String)
        /// Another run brings it, as the verdict says.
        case later(JobVerdict)
        /// Meta refuses the account; another run follows when it is mended.
        case accountRefused(MessageFailure, JobVerdict)
    }

    /// Meta keeps what customers send so long.
    static let lifetime: Milliseconds = 7 * .day
    /// Meta's copy differing from its own hash is fetched so often in a run, whatever else goes wrong.
    private static let integrityTries = 3
    private static let integrityWait: Duration = .seconds(1)
    /// So many addresses in a run, each of which was over before its five minutes were.
    private static let addresses = 3
    private static let accountWait: Duration = .seconds(300)
    private static let limitWait: Duration = .seconds(60)
    private static let longestWait: Duration = .seconds(3600)

    private let kind: MediaKind
    private let limit: Int64
    /// Of the webhook.
    private let announced: String?
    private let attempts: Int
    private let pauses: Int
    private let deadline: Milliseconds

    private var description: MediaInfo?
    private var isDownloading = false
    private var mismatches = 0
    private var staleAddresses = 0

    /// - Parameters:
    ///   - limit: the most bytes.
    ///   - announced: the hash that came with the message.
    ///   - attempts: runs so far that failed.
    ///   - pauses: runs so far that something else held back.
    ///   - receivedAt: when the message came.
    init(
        kind: MediaKind, limit: Int64, announced: String?, attempts: Int, pauses: Int, receivedAt: Milliseconds
    ) {
        self.kind = kind
        self.limit = limit
        self.announced = announced
        self.attempts = attempts
        self.pauses = pauses
        deadline = receivedAt + Self.lifetime
    }

    // MARK: What happened

    mutating func described(_ info: MediaInfo) -> Step {
        if let size = info.fileSize, size > limit { return .end(.rejected(tooLarge)) }
        description = info
        isDownloading = true
        return .download(from: info.url)
    }

    mutating func downloaded(sha256: [UInt8], size: Int64) -> Step {
        isDownloading = false
        if isAnnounced(sha256, size) { return .store(sha256: sha256, size: size) }
        mismatches += 1
        guard mismatches < Self.integrityTries else {
            return .end(.rejected("the bytes do not have the SHA-256 that WhatsApp announced"))
        }
        return .describeAgain(after: Self.integrityWait)
    }

    /// The step before failed.
    /// - Throws: the error, when it is none that a file or Meta can cause.
    mutating func failed(_ error: any Error, at now: Milliseconds) throws -> Step {
        defer { isDownloading = false }
        switch error {
        case let refusal as MediaRules.Refusal: return .end(.rejected(refusal.reason))
        case let error as GraphError: return failed(error, at: now)
        case let error as FileError: return held(by: error.description, for: storageWait, at: now)
        case let error as GatewayError where error.code == .unavailable:
            return held(by: error.cause ?? error.message, for: storageWait, at: now)
        default: throw error
        }
    }

    /// The account can't ask: it has no token.
    func hasNoToken(at now: Milliseconds) -> Step {
        held(by: "the account has no access token", for: Self.accountWait, at: now)
    }

    /// The account's budget of errors is spent for so long.
    func overBudget(_ wait: Duration, at now: Milliseconds) -> Step {
        held(by: "too many lookups of media failed within the hour", for: wait, at: now)
    }

    // MARK: What follows

    private mutating func failed(_ error: GraphError, at now: Milliseconds) -> Step {
        switch error {
        case .addressExpired:
            staleAddresses += 1
            return staleAddresses < Self.addresses ? .describe : retried(error, after: nil, at: now)
        case .unreachable(.tooLarge) where isDownloading: return .end(.rejected(tooLarge))
        case .unreachable(.fileSystem(let problem)): return held(by: problem, for: storageWait, at: now)
        case .unreachable(.cancelled): return held(by: error.summary, for: .seconds(1), at: now)
        case .addressNotAllowed, .invalidID: return .end(.expired(error.summary))
        // What the account's owner can mend may be mended while Meta still has the file.
        case .refused(let refusal, .fail) where !isDownloading && !refusal.refusesAccount:
            return .end(.expired(error.summary))
        default: break
        }
        switch error.treatment {
        case .pause(.account, _):
            let step = held(by: error.summary, for: Self.accountWait, at: now)
            guard case .end(.later(let verdict)) = step else { return step }
            return .end(.accountRefused(MessageFailure(error), verdict))
        case .pause(_, let wait): return held(by: error.summary, for: wait ?? Self.limitWait, at: now)
        case .retry(let wait): return retried(error, after: wait, at: now)
        case .fail: return retried(error, after: Self.longestWait, at: now)
        }
    }

    private func retried(_ error: GraphError, after wait: Duration?, at now: Milliseconds) -> Step {
        let backoff = Duration.seconds(min(Int(Self.longestWait.components.seconds), 2 << min(attempts, 11)))
        return waiting(wait ?? backoff, error.summary, at: now) { .retry(after: $0, reason: $1) }
    }

    private func held(by reason: String, for wait: Duration, at now: Milliseconds) -> Step {
        waiting(wait, reason, at: now) { .pause(for: $0, reason: $1) }
    }

    /// The last run is at the end of the seven days.
    private func waiting(
        _ wait: Duration, _ reason: String, at now: Milliseconds, _ verdict: (Duration, String) -> JobVerdict
    ) -> Step {
        guard now < deadline else { return .end(.expired(reason)) }
        return .end(.later(verdict(min(wait, .milliseconds(deadline - now)), reason)))
    }

    /// From two seconds to a minute.
    private var storageWait: Duration { .seconds(min(60, 2 << min(pauses, 5))) }

    private var tooLarge: String { MediaRules.tooLarge(kind, limit) }

    /// Graph gives the hash in hexadecimal, webhooks in Base64 (in history hexadecimal, too). Without a hash the size
    /// has to do.
    private func isAnnounced(_ sha256: [UInt8], _ size: Int64) -> Bool {
        let hashes = [announced, description?.sha256].compactMap(\.self)
        guard !hashes.isEmpty else { return description?.fileSize.map { $0 == size } ?? true }
        let (hexadecimal, base64) = (sha256.hexadecimal, Data(sha256).base64EncodedString())
        return hashes.allSatisfy { $0 == base64 || $0.lowercased() == hexadecimal }
    }
}
