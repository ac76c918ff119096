import Crypto
import Fetch
import Foundation
import Testing
import WhatsApp

@testable import Gateway

/// What follows from what happens to a file that comes in, without network or time.
@Suite struct MediaReceptionTests {
    private static let start: Milliseconds = 1_785_000_000_000
    private static let bytes: [UInt8] = Array("a picture".utf8)
    private static let digest = Array(SHA256.hash(data: bytes))
    private static let hexadecimal = digest.hexadecimal
    private static let base64 = Data(digest).base64EncodedString()

    private func reception(
        _ announced: String? = nil, limit: Int64 = 100, attempts: Int = 0, pauses: Int = 0
    ) -> MediaReception {
        MediaReception(
            kind: .image, limit: limit, announced: announced, attempts: attempts, pauses: pauses,
            receivedAt: Self.start)
    }

    private func info(_ sha256: String? = nil, size: Int64? = nil) -> MediaInfo {
        MediaInfo(url: "https://lookaside.fbsbx.com/x", sha256: sha256, fileSize: size)
    }

    private static let fitting: [(String?, String?)] = [
        (nil, hexadecimal), (base64, nil), (hexadecimal, nil), (base64, hexadecimal), (nil, hexadecimal.uppercased()),
        (nil, nil),
    ]
    private static let unfitting: [(String?, String?)] = [
        ("AAAA", nil), (nil, "00"), (base64, "00"), ("", hexadecimal), (base64.lowercased(), nil),
    ]

    @Test(arguments: fitting)
    func `bytes with the announced hash, in either encoding, are stored`(
        _ webhook: String?, _ graph: String?
    ) throws {
        var reception = reception(webhook)
        #expect(reception.described(info(graph, size: 9)) == .download(from: "https://lookaside.fbsbx.com/x"))
        #expect(reception.downloaded(sha256: Self.digest, size: 9) == .store(sha256: Self.digest, size: 9))
    }

    @Test(arguments: unfitting)
    func `each announced hash has to fit; the third miss refuses the file`(
        _ webhook: String?, _ graph: String?
    ) throws {
        var reception = reception(webhook)
        for _ in 1...2 {
            _ = reception.described(info(graph))
            #expect(reception.downloaded(sha256: Self.digest, size: 9) == .describeAgain(after: .seconds(1)))
        }
        _ = reception.described(info(graph))
        guard case .end(.rejected(let reason)) = reception.downloaded(sha256: Self.digest, size: 9) else {
            Issue.record("the file was not refused")
            return
        }
        #expect(reason.contains("SHA-256"))
    }

    @Test func `without any hash the announced size has to fit`() {
        var reception = reception()
        _ = reception.described(info(size: 10))
        #expect(reception.downloaded(sha256: Self.digest, size: 9) == .describeAgain(after: .seconds(1)))
    }

    @Test func `an announced size over the limit is not even fetched, one of the limit is`() {
        var reception = reception()
        #expect(reception.described(info(size: 100)) == .download(from: "https://lookaside.fbsbx.com/x"))
        guard case .end(.rejected(let reason)) = reception.described(info(size: 101)) else {
            Issue.record("the file was not refused")
            return
        }
        #expect(reason.contains("100 bytes"))
    }

    @Test func `a body over the limit is refused, an overlong description is tried again`() throws {
        var reception = reception()
        let error = GraphError.unreachable(.tooLarge(limit: 100))
        guard case .end(.later(.retry)) = try reception.failed(error, at: Self.start) else {
            Issue.record("the description was taken for the file")
            return
        }
        _ = reception.described(info())
        guard case .end(.rejected) = try reception.failed(error, at: Self.start) else {
            Issue.record("the file was not refused")
            return
        }
    }

    @Test func `a stale address is asked for anew, and after the third it is a failure like others`() throws {
        var reception = reception()
        for _ in 1...2 {
            _ = reception.described(info())
            #expect(try reception.failed(GraphError.addressExpired, at: Self.start) == .describe)
        }
        _ = reception.described(info())
        guard
            case .end(.later(.retry(.seconds(2), _))) = try reception.failed(GraphError.addressExpired, at: Self.start)
        else {
            Issue.record("no retry after two seconds")
            return
        }
    }

    @Test func `trouble is tried again for seven days, ever more rarely, and no longer`() throws {
        var (now, attempts) = (Self.start, 0)
        var waits: [Milliseconds] = []
        while true {
            var reception = reception(attempts: attempts)
            let step = try reception.failed(GraphError.unreachable(.couldNotConnect), at: now)
            guard case .end(.later(.retry(let wait, _))) = step else {
                guard case .end(.expired) = step else {
                    Issue.record("\(step)")
                    return
                }
                break
            }
            #expect(wait > .zero)
            waits.append(wait.milliseconds)
            now += wait.milliseconds
            attempts += 1
        }
        #expect(now == Self.start + 7 * .day, "the last try is at the end of the seven days")
        #expect(waits.prefix(11) == (1...11).map { 1000 << $0 }[...])
        #expect(waits.allSatisfy { $0 <= .hour })
        #expect(attempts < 200)
    }

    private static func refused(_ code: Int, _ treatment: GraphTreatment) -> GraphError {
        .refused(MetaError(code: code, message: "No"), treatment)
    }

    /// What each error leads to: `expired` at once, `retry` or `pause`.
    private static let verdicts: [(name: String, error: any Error, isDownload: Bool, verdict: String)] = [
        ("Meta has it no more", refused(100, .fail), false, "expired"),
        ("an unknown id", refused(33, .fail), false, "expired"),
        ("an id that is none", GraphError.invalidID, false, "expired"),
        ("an address of somebody else's", GraphError.addressNotAllowed, true, "expired"),
        ("a refusal by the media host", refused(100, .fail), true, "retry"),
        ("a missing right", refused(10, .fail), false, "retry"),
        ("a locked account", refused(131_031, .fail), false, "retry"),
        ("a passing fault", refused(131_000, .retry(after: nil)), false, "retry"),
        ("a page under 200", GraphError.unexpected(status: 200, "no JSON"), false, "retry"),
        ("a broken proxy", GraphError.unexpected(status: 502, "no JSON"), false, "retry"),
        ("a refusal without words", GraphError.unexpected(status: 400, "no media"), true, "retry"),
        ("no connection", GraphError.unreachable(.couldNotConnect), false, "retry"),
        ("a connection lost", GraphError.unreachable(.connectionLost(requestSent: true)), true, "retry"),
        ("a host too slow", GraphError.unreachable(.timedOut(requestSent: true)), true, "retry"),
        ("redirects without end", GraphError.unreachable(.tooManyRedirects), true, "retry"),
        ("no HTTP", GraphError.unreachable(.other("no HTTP")), true, "retry"),
        ("a call limit", refused(80_007, .pause(.number, for: nil)), false, "pause"),
        ("an app limit", refused(4, .pause(.app, for: nil)), false, "pause"),
        ("a full disk", GraphError.unreachable(.fileSystem("no space")), true, "pause"),
        ("a stop", GraphError.unreachable(.cancelled), true, "pause"),
        ("storage away", GatewayError(.unavailable, "away"), true, "pause"),
        ("a disk that fails", FileError(EIO, "write"), true, "pause"),
        ("a refused token", refused(190, .pause(.account, for: nil)), false, "account"),
    ]

    @Test(arguments: verdicts.map(\.name))
    func `each kind of trouble has its own end`(_ name: String) throws {
        let row = try #require(Self.verdicts.first { $0.name == name })
        var reception = reception()
        if row.isDownload { _ = reception.described(info()) }
        let found =
            switch try reception.failed(row.error, at: Self.start) {
            case .end(.expired): "expired"
            case .end(.rejected): "rejected"
            case .end(.later(.retry)): "retry"
            case .end(.later(.pause)): "pause"
            case .end(.accountRefused(_, .pause)): "account"
            case let step: "\(step)"
            }
        #expect(found == row.verdict)
        var late = self.reception()
        guard case .end(.expired) = try late.failed(row.error, at: Self.start + 7 * .day) else {
            Issue.record("after seven days it is not over")
            return
        }
    }

    @Test func `an error that no file can cause is nobody's end`() {
        struct Unforeseen: Error {}
        var reception = reception()
        #expect(throws: Unforeseen.self) { try reception.failed(Unforeseen(), at: Self.start) }
    }
}
