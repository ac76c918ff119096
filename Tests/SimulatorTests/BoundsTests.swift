import Fetch
import Foundation
import JSON
import Testing

@testable import Simulator

@Suite(.timeLimit(.minutes(2)))
struct BoundsTests {
    @Test func `sixty-four connections at once get one message each time and every message is read`() async throws {
        try await Lab.run { lab in
            let each = 25
            let ids = try await withThrowingTaskGroup(of: [String].self) { group in
                for worker in 0..<64 {
                    group.addTask {
                        var ids: [String] = []
                        for number in 0..<each {
                            let answer = try await lab.sendText("\(worker).\(number)", to: "1555010\(1000 + worker)")
                            ids.append(answer.messageID)
                        }
                        return ids
                    }
                }
                return try await group.reduce(into: [String]()) { $0 += $1 }
            }
            #expect(Set(ids).count == 64 * each)
            await lab.receiver.wait(posts: 3 * 64 * each)
            let read = lab.receiver.items.filter { $0["status"] == "read" }.compactMap { $0["id"]?.string }
            #expect(Set(read) == Set(ids) && read.count == ids.count)
            #expect(lab.receiver.posts.allSatisfy { $0.isSigned })
            // One customer's statuses keep their order although lanes run side by side.
            var last: [String: Int] = [:]
            let order = ["sent", "delivered", "read"]
            for item in lab.receiver.items {
                let id = item["id"]?.string ?? ""
                let rank = order.firstIndex(of: item["status"]?.string ?? "") ?? -1
                #expect(rank == last[id, default: -1] + 1)
                last[id] = rank
            }
        }
    }

    @Test func `the log keeps the newest messages and its sequence goes on`() async throws {
        try await Lab.run {
            $0.messageLimit = 10
        } _: { lab in
            for number in 1...25 { _ = try await lab.client.say("\(number)", from: "15550100001") }
            let state = try await lab.client.state()
            #expect(state["messages"] == ["kept": 10, "dropped": 15, "last": 25])
            let inbox = try await lab.client.inbox(of: "15550100001")["messages"]?.array ?? []
            #expect(inbox.map { $0["text"]?.string } == (16...25).map { "\($0)" })
        }
    }

    @Test func `a stop ends long polls and connections on hold at once`() async throws {
        let start = ContinuousClock.now
        try await Lab.run { lab in
            try await lab.client.fault(action: ["timeout": "before"])
            let poll = Task { try await lab.client.sent(wait: 60) }
            let hold = Task { try await lab.sendText(timeout: .seconds(60)) }
            // The fault has been used up, so the request is on hold.
            while try await lab.client.faults().first?["hits"] != 1 { await Task.yield() }
            poll.cancel()
            hold.cancel()
        }
        #expect(ContinuousClock.now - start < .seconds(20))
    }

    @Test func `a port in use ends the run with an error, and whoever waits for it`() async throws {
        try await Lab.run { lab in
            var settings = SimulatorSettings()
            settings.port = try await lab.simulator.listening()
            let second = Simulator(settings: settings, logger: .init(label: "second"))
            await #expect(throws: (any Error).self) { try await second.run() }
            await #expect(throws: SimulatorStopped.self) { try await second.listening() }
        }
    }

    @Test func `the catalogue says what the recorded replies say`() throws {
        let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent()
        let folder =
            ProcessInfo.processInfo.environment["VESTIBULE_FIXTURES"].map { URL(fileURLWithPath: $0) }
            ?? root.appendingPathComponent("../shared/fixtures/whatsapp")
        let index = try JSON(parsing: Data(contentsOf: folder.appendingPathComponent("graph-index.json")))
        var compared = 0
        for item in index.array ?? [] {
            let name = item["file"]?.string ?? ""
            guard name.range(of: #"^error-\d+\.json$"#, options: .regularExpression) != nil else { continue }
            let file = try JSON(parsing: Data(contentsOf: folder.appendingPathComponent("graph/\(name)")))
            let recorded = try #require(file["error"])
            let code = Int(try #require(recorded["code"]?.int))
            let made = GraphError(code: code)
            #expect(made.body["error"]?["message"] == recorded["message"], "\(name)")
            #expect(Int64(made.status) == item["status"]?.int, "\(name)")
            compared += 1
        }
        #expect(compared > 70)
    }
}
