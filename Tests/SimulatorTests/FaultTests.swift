import Fetch
import JSON
import Testing

@testable import Simulator

@Suite(.timeLimit(.minutes(1)))
struct FaultTests {
    @Test func `a fault strikes after the first matches, as often as asked, and only what matches`() async throws {
        try await Lab.run { lab in
            try await lab.client.fault(
                match: ["to": "+15550100001", "type": "text", "messageContains": "bad"],
                action: ["code": 131056, "headers": ["Retry-After": "3"]], times: 2, after: 1)
            #expect(try await lab.sendText("fine").status == 200)
            #expect(try await lab.sendText("bad 1").status == 200)
            let struck = try await lab.sendText("bad 2")
            #expect(struck.errorCode == 131056 && struck.status == 400)
            #expect(struck.headers.first("Retry-After") == "3")
            #expect(try await lab.sendText("bad elsewhere", to: "15550100002").status == 200)
            #expect(try await lab.sendText("bad 3").errorCode == 131056)
            #expect(try await lab.sendText("bad 4").status == 200)
            #expect(try await lab.client.faults().first?["hits"] == 2)
        }
    }

    @Test func `a removed fault no longer strikes`() async throws {
        try await Lab.run { lab in
            let id = try await lab.client.fault(action: ["status": 503, "body": "down"], times: -1)
            #expect(try await lab.sendText().status == 503)
            try await lab.client.removeFaults(id)
            #expect(try await lab.sendText().status == 200)
        }
    }

    @Test func `a reset before leaves no trace, a reset after leaves the message`() async throws {
        try await Lab.run { lab in
            try await lab.client.fault(action: ["reset": "before"])
            await #expect(throws: FetchError.connectionLost(requestSent: true)) { try await lab.sendText("lost") }
            #expect(try await lab.client.sent().isEmpty)
            try await lab.client.fault(action: ["reset": "after"])
            await #expect(throws: FetchError.connectionLost(requestSent: true)) { try await lab.sendText("taken") }
            let sent = try await lab.client.sent()
            #expect(sent.map { $0["text"]?.string } == ["taken"])
            await lab.receiver.wait(for: "read", of: sent[0]["messageId"]?.string ?? "")
        }
    }

    @Test func `a timeout says nothing, with or without the message taken`() async throws {
        try await Lab.run { lab in
            for (moment, count) in [("before", 0), ("after", 1)] {
                try await lab.client.fault(action: ["timeout": .string(moment)])
                await #expect(throws: FetchError.timedOut(requestSent: true)) {
                    try await lab.sendText(moment, timeout: .milliseconds(400))
                }
                #expect(try await lab.client.sent().count == count)
            }
        }
    }

    @Test func `HTML, broken JSON, slow bodies and delays come as asked`() async throws {
        try await Lab.run { lab in
            try await lab.client.fault(action: ["status": 502, "body": "<html>", "contentType": "text/html"])
            let html = try await lab.sendText()
            #expect(html.status == 502 && html.body == Array("<html>".utf8))
            #expect(html.headers.first("Content-Type") == "text/html")
            try await lab.client.fault(action: ["badJSON": true])
            let broken = try await lab.sendText()
            #expect(broken.status == 200 && broken.json == .null && !broken.body.isEmpty)
            try await lab.client.fault(action: ["slowBody": ["chunkBytes": 40, "gapMs": 20]])
            let start = ContinuousClock.now
            #expect(try await lab.sendText().messageID.hasPrefix("wamid."))
            #expect(ContinuousClock.now - start > .milliseconds(60))
            try await lab.client.fault(action: ["delayMs": 80])
            let again = ContinuousClock.now
            #expect(try await lab.sendText().status == 200)
            #expect(ContinuousClock.now - again > .milliseconds(80))
        }
    }

    @Test func `media can come with other bytes, cut short, with a wrong hash or as HTML`() async throws {
        try await Lab.run { lab in
            _ = try await lab.client.sendMedia("image", from: "15550100001")
            await lab.receiver.wait(posts: 1)
            let id = try #require(lab.receiver.items[0]["image"]?["id"]?.string)
            let good = try #require(SampleMedia.of("image")).bytes
            let info = try await lab.graph("GET", "/v25.0/\(id)").json
            let path = String(try #require(info["url"]?.string).dropFirst(lab.base.count))

            try await lab.client.fault(match: ["path": "/media-host"], action: ["corrupt": "bytes"])
            let other = try await lab.graph("GET", path).body
            #expect(other.count == good.count && other != good)
            try await lab.client.fault(match: ["path": "/media-host"], action: ["corrupt": "truncate"])
            await #expect(throws: FetchError.self) { try await lab.graph("GET", path) }
            try await lab.client.fault(match: ["path": .string(id)], action: ["corrupt": "hash"])
            #expect(try await lab.graph("GET", "/v25.0/\(id)").json["sha256"] != info["sha256"])
            try await lab.client.fault(match: ["path": "/media-host"], action: ["status": 200, "body": "<html>"])
            #expect(try await lab.graph("GET", path).body == Array("<html>".utf8))
            #expect(try await lab.graph("GET", path).body == good)
        }
    }

    @Test func `special numbers misbehave without any set-up`() async throws {
        try await Lab.run { lab in
            let refused = try await lab.sendText(to: "+15550131026")
            #expect(refused.status == 400 && refused.errorCode == 131026)
            #expect(try await lab.sendText(to: "+15550000190").status == 401)
            let failing = try await lab.sendText(to: "+15551131049").messageID
            await lab.receiver.wait(for: "failed", of: failing)
            #expect(lab.receiver.items.last?["errors"]?[0]?["code"] == 131049)
            #expect(try await lab.sendText(to: "+15552000003").status == 502)
            await #expect(throws: FetchError.connectionLost(requestSent: true)) {
                try await lab.sendText("five", to: "+15552000005")
            }
            #expect(try await lab.client.sent(to: "15552000005").count == 1)
            #expect(try await lab.sendText(to: "+15552000007").json == .null)
            #expect(try await lab.sendText("eight", to: "+15552000008").errorCode == 131000)
            #expect(try await lab.sendText("eight", to: "+15552000008").status == 200)
            let unread = try await lab.sendText(to: "+15552000002").messageID
            await lab.receiver.wait(for: "delivered", of: unread)
            #expect(try await lab.sendText(to: "+15551230001").status == 200)
        }
    }

    static let bad: [(JSON, String)] = [
        ([:], "`action`"), (["action": [:]], "at least one"), (["action": ["code": "x"]], "`action.code`"),
        (["action": ["code": 1, "reset": "after"]], "one of"), (["action": ["reset": "now"]], "`action.reset`"),
        (["action": ["code": 1], "match": ["number": "1"]], "`match.number`"),
    ]

    @Test(arguments: bad)
    func `a fault that makes no sense is refused and named`(body: JSON, words: String) async throws {
        try await Lab.run { lab in
            let error = await #expect(throws: SimulatorClientError.self) {
                _ = try await lab.client.call("POST", "/sim/faults", body)
            }
            #expect(error?.status == 400 && error?.message.contains(words) == true, "\(error?.message ?? "")")
        }
    }
}
