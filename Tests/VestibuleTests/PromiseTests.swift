import Fetch
import Foundation
import JSON
import Testing

@testable import Simulator

/// What was acknowledged is never lost, never doubled, and in order within its room: under load, and however a server
/// ends.
@Suite(.timeLimit(.minutes(10)))
struct PromiseTests {
    private static let phone = "+15550100001"
    private static let room = "whatsapp_15550100001"

    @Test(arguments: Storage.engines, ["stop", "kill"])
    func `every webhook that was answered 200 is there once after the server ended under load`(
        _ storage: Storage, _ end: String
    ) async throws {
        try await Site.run(storage) { site in
            // Posts go on, eight at a time, until the server is gone.
            let acknowledged = try await withThrowingTaskGroup(of: [String].self) { group in
                for worker in 0..<8 {
                    group.addTask {
                        var ids: [String] = []
                        for number in 0..<5000 {
                            let id = "wamid.\(worker).\(number)"
                            let body = Webhooks.text("text \(id)", id: id, from: "1555010000\(worker % 3)")
                            // No answer is no promise.
                            guard let answer = try? await site.postWebhook(body), answer.status == 200 else { break }
                            ids.append(id)
                        }
                        return ids
                    }
                }
                let started = Webhooks.text("started", id: "wamid.started", from: "15550100000")
                for _ in 0..<20 { #expect(try await site.postWebhook(started).status == 200) }
                if end == "stop" {
                    #expect(try await site.stop() == .exit(0))
                } else {
                    await site.kill()
                }
                return try await group.reduce(into: ["wamid.started"]) { $0 += $1 }
            }
            #expect(acknowledged.count > 20)
            try await site.start()

            var stored: [String] = []
            for customer in 0..<3 {
                let rows = try await site.stores.rows(
                    "SELECT whatsapp_message_id, sequence FROM chat_messages WHERE room_name = $1 ORDER BY sequence",
                    [.text("whatsapp_1555010000\(customer)")])
                #expect(try rows.map { try $0.integer("sequence") } == (0..<rows.count).map { Int64($0) + 1 })
                stored += try rows.map { try $0.text("whatsapp_message_id") }
            }
            #expect(Set(stored).count == stored.count)
            #expect(Set(acknowledged).subtracting(stored).isEmpty)
            // What one sender got acknowledged one after the other stands in that order.
            for worker in 0..<8 {
                let prefix = "wamid.\(worker)."
                let numbers = stored.filter { $0.hasPrefix(prefix) }.compactMap { Int($0.dropFirst(prefix.count)) }
                #expect(numbers == numbers.sorted())
            }
        }
    }

    @Test(.enabled(if: Storage.available.contains(.postgres), Storage.hint))
    func `two servers on one PostgreSQL send each message once and in order`() async throws {
        try await Site.run(.postgres) { site in
            _ = try await site.meta.say("Hello", from: Self.phone)
            try await site.messages(Self.phone, "the customer's word is there") { !$0.isEmpty }
            let folder = site.folder.appending(path: "second")
            try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
            let second = try await Program.serve(environment: site.settings, folder: folder, fetch: site.fetch)
            try await always {
                for number in 1...20 {
                    var request = FetchRequest(
                        method: "POST",
                        url: (number % 2 == 0 ? second.base : site.base) + "/rooms/\(Self.room)/messages")
                    request.headers = [("Content-Type", "application/json")]
                    request.body = .bytes(JSON.object(["text": .string("number \(number)")]).encoded())
                    #expect(try await site.fetch.send(request).status == 202)
                }
                let messages = try await site.messages(Self.phone, "all are read") { messages in
                    messages.count == 21 && messages.dropFirst().allSatisfy { $0["status"] == "read" }
                }
                #expect(messages.map { $0["sequence"]?.int } == (1...21).map { $0 })
                let sent = try await site.meta.sent(to: Self.phone)
                #expect(sent.map { $0["text"]?.string } == (1...20).map { "number \($0)" })
                #expect(try await second.stop() == .exit(0))
            } finally: {
                await second.kill()
            }
        }
    }

    @Test func `a customer who hides the number is answered by user id`() async throws {
        try await Site.run { site in
            try await site.meta.change(Self.phone, ["userId": "US.1234567890ABC", "hidesNumber": true, "name": "Alex"])
            _ = try await site.meta.say("Hello", from: Self.phone)
            let rooms = try await eventually("the room is there") {
                let rooms = try await site.get("/rooms").json["rooms"]?.array ?? []
                return rooms.isEmpty ? nil : rooms
            }
            let room = "whatsapp_US_1234567890ABC"
            #expect(rooms.map { $0["name"]?.string } == [room])
            #expect(rooms[0]["phoneNumber"] == nil && rooms[0]["contactName"] == "Alex")

            let path = "/rooms/\(room)/messages"
            let answer = try await site.call("POST", path, ["text": "Good day"])
            #expect(answer.status == 202, "\(answer.text)")
            try await eventually("the answer is read") {
                try await site.get(path).json[1]?["status"] == "read" ? true : nil
            }
            #expect(try await site.meta.sent().map { $0["text"] } == ["Good day"])

            // Once the number shows, it is the same conversation under the same name.
            try await site.meta.change(Self.phone, ["hidesNumber": false])
            _ = try await site.meta.say("It is me", from: Self.phone)
            let messages = try await site.messages(Self.phone, "all three are one conversation") { $0.count == 3 }
            #expect(messages.allSatisfy { $0["roomName"]?.string == room })
            #expect(try await site.get("/rooms").json["rooms"]?.array?.count == 1)
        }
    }
}
