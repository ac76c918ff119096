import Fetch
import JSON
import Testing

@testable import WhatsApp

private func words(_ verdict: SendVerdict) -> String {
    switch verdict {
    case .sent: "sent"
    case .retry(let wait, _): "retry" + (wait.map { " \($0.components.seconds)" } ?? "")
    case .pause(let scope, let wait, _): "pause \(scope)" + (wait.map { " \($0.components.seconds)" } ?? "")
    case .fail(let error): "fail \(error.code.map(String.init) ?? "nil")"
    case .unknown: "unknown"
    }
}

private func judge(_ status: Int, _ body: String, _ headers: FetchHeaders = [:]) -> SendVerdict {
    .judge(status: status, headers: headers, body: Array(body.utf8))
}

@Suite struct GraphVerdictTests {
    @Test(arguments: graphVerdicts.map(\.file))
    func `each reply has the verdict of the table`(file: String) throws {
        let reply = try GraphFixtures.reply(file)
        let verdict = SendVerdict.judge(status: reply.status, headers: reply.headers, body: reply.body)
        #expect(words(verdict) == graphVerdicts.first { $0.file == file }?.verdict)
    }

    @Test func `the table has every reply once`() throws {
        #expect(try GraphFixtures.replies().map(\.file).sorted() == graphVerdicts.map(\.file).sorted())
    }

    @Test func `a receipt holds the id and what WhatsApp made of the recipient`() throws {
        func receipt(_ file: String) throws -> SendReceipt? {
            let reply = try GraphFixtures.reply(file)
            guard case .sent(let receipt) = SendVerdict.judge(status: 200, headers: [:], body: reply.body) else {
                return nil
            }
            return receipt
        }
        #expect(
            try receipt("send-ok-br-without-ninth-digit.json")
                == SendReceipt(
                    messageID: "wamid.HBgMNTUxMTAwMDAwMDAxFQIAERgSNzFFNzY5MDk1OTIzOUNBMDY1AA==", waID: "551100000001"))
        #expect(
            try receipt("send-ok-bsuid.json")
                == SendReceipt(
                    messageID: "wamid.HBgLMTU1NTAxMDAwMDEVAgARGBJFNzJEMzEwREJCMjEzRjRDMkUA",
                    userID: "US.10000000000000000102"))
        #expect(try receipt("send-ok-template-held.json")?.messageStatus == "held_for_quality_assessment")
        #expect(try receipt("send-ok-group-input-only.json")?.waID == nil)
    }

    @Test func `a failure keeps Meta's own words`() throws {
        let reply = try GraphFixtures.reply("error-131047.json")
        guard case .fail(let error) = SendVerdict.judge(status: 400, headers: [:], body: reply.body) else {
            Issue.record("not a failure")
            return
        }
        #expect(error.code == 131047)
        #expect(error.httpStatus == 400)
        #expect(error.fbtraceID?.isEmpty == false)
        #expect(error.message?.contains("131047") == true)
    }

    @Test func `a code of no table is judged by is_transient and status`() {
        let unlisted = #"{"error":{"message":"?","type":"OAuthException","code":999999}}"#
        let transient = #"{"error":{"message":"?","type":"OAuthException","code":999999,"is_transient":true}}"#
        #expect(words(judge(400, unlisted)) == "fail 999999")
        #expect(words(judge(500, unlisted)) == "retry")
        #expect(words(judge(503, unlisted)) == "retry")
        #expect(words(judge(400, transient)) == "retry")
        #expect(words(judge(429, unlisted)) == "pause number 60")
    }

    @Test func `a permanent code stays permanent under a 5xx and with is_transient`() {
        let error = #"{"error":{"message":"?","type":"OAuthException","code":131049,"is_transient":true}}"#
        #expect(words(judge(500, error)) == "fail 131049")
    }

    @Test func `an answer that is not Meta's leaves the outcome unknown`() {
        #expect(words(judge(200, "")) == "unknown")
        #expect(words(judge(200, "<html>")) == "unknown")
        #expect(words(judge(400, "<html>")) == "unknown")
        #expect(words(judge(200, "[]")) == "unknown")
        #expect(words(judge(200, #"{"messages":[{"id":""}]}"#)) == "unknown")
        #expect(words(judge(200, #"{"messages":[{"id":7}]}"#)) == "unknown")
        #expect(words(judge(302, #"{"messages":[{"id":"wamid.1"}]}"#)) == "unknown")
        #expect(words(judge(502, #"{"error":"bad gateway"}"#)) == "unknown")
        #expect(words(judge(500, #"{"message":"internal"}"#)) == "unknown")
    }

    @Test func `an error without a code that refuses the request is a failure`() {
        #expect(words(judge(403, #"{"error":{"message":"no"}}"#)) == "fail nil")
    }

    @Test func `the wait that the headers ask for is kept within a day`() {
        let limit = #"{"error":{"message":"?","type":"OAuthException","code":80007}}"#
        func usage(_ minutes: String) -> FetchHeaders {
            [
                "x-business-use-case-usage":
                    #"{"1":[{"estimated_time_to_regain_access":3},{"estimated_time_to_regain_access":\#(minutes)}],"2":[]}"#
            ]
        }
        #expect(words(judge(400, limit, usage("17"))) == "pause number 1020")
        #expect(words(judge(400, limit, usage("0"))) == "pause number 180")
        #expect(words(judge(400, limit, usage("9000000000000000000"))) == "pause number 86400")
        #expect(words(judge(400, limit, ["X-Business-Use-Case-Usage": "{"])) == "pause number 60")
        #expect(words(judge(400, limit, ["Retry-After": "9"])) == "pause number 9")
        #expect(words(judge(400, limit, ["Retry-After": "-9"])) == "pause number 60")
        #expect(words(judge(400, limit, ["Retry-After": "99999999999999999999"])) == "pause number 60")
        #expect(words(judge(400, limit, ["Retry-After": "Wed, 21 Oct 2026 07:28:00 GMT"])) == "pause number 60")
        let down = #"{"error":{"message":"?","type":"OAuthException","code":2}}"#
        #expect(words(judge(503, down, ["Retry-After": "30"])) == "retry 30")
    }

    @Test(arguments: [
        (FetchError.couldNotResolve, "retry"), (.couldNotConnect, "retry"), (.tls("handshake"), "retry"),
        (.timedOut(requestSent: false), "retry"), (.timedOut(requestSent: true), "unknown"),
        (.connectionLost(requestSent: false), "retry"), (.connectionLost(requestSent: true), "unknown"),
        (.tooLarge(limit: 1), "unknown"), (.other("?"), "unknown"), (.cancelled, "unknown"),
        (.invalidURL("?"), "fail nil"), (.addressNotAllowed, "fail nil"),
    ])
    func `without an answer it counts whether the request went out`(error: FetchError, verdict: String) {
        #expect(words(.judge(error)) == verdict)
    }
}
