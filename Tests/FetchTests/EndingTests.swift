import Foundation
import Testing

@testable import Fetch

/// How a transfer ends before its time.
@Suite struct EndingTests {
    @Test func `cancelling the task ends the transfer and the connection`() async throws {
        let server = try await RawServer { _ in [] }
        let client = client()
        let task = Task { await failure { () async throws(FetchError) in try await client.send(post(server.url)) } }
        await server.arrived(1)
        task.cancel()
        #expect(await task.value == .cancelled)
        await server.ended(1)
    }

    @Test func `a task cancelled beforehand sends nothing`() async throws {
        let server = try await RawServer { _ in [.answer()] }
        let client = client()
        let error = await Task {
            withUnsafeCurrentTask { $0?.cancel() }
            return await failure { () async throws(FetchError) in try await client.send(post(server.url)) }
        }.value
        #expect(error == .cancelled)
        #expect(server.connections == 0)
    }

    @Test func `a cancelled download leaves no file`() async throws {
        let server = try await RawServer { _ in [.send("HTTP/1.1 200 OK\r\nContent-Length: 900\r\n\r\nshort")] }
        let client = client()
        try await withFolder { folder in
            let task = Task {
                await failure { () async throws(FetchError) in
                    try await client.download(get(server.url), to: "\(folder)/a", limit: 1000)
                }
            }
            await server.arrived(1)
            task.cancel()
            #expect(await task.value == .cancelled)
            let left = try FileManager.default.contentsOfDirectory(atPath: folder)
            #expect(left.isEmpty)
        }
    }

    @Test func `others go on when one is cancelled`() async throws {
        let server = try await RawServer { $0.path == "/silent" ? [] : [.answer()] }
        let client = client()
        let silent = Task {
            await failure { () async throws(FetchError) in try await client.send(get("\(server.url)/silent")) }
        }
        await server.arrived(1)
        silent.cancel()
        #expect(try await client.send(get("\(server.url)/other")).status == 200)
        #expect(await silent.value == .cancelled)
    }

    @Test func `closing ends what is under way and refuses what comes after`() async throws {
        let server = try await RawServer { _ in [] }
        let client = client()
        let task = Task { await failure { () async throws(FetchError) in try await client.send(post(server.url)) } }
        await server.arrived(1)
        client.close()
        client.close()
        #expect(await task.value == .cancelled)
        let error = await failure { () async throws(FetchError) in try await client.send(post(server.url)) }
        #expect(error == .cancelled)
        await server.ended(1)
    }

    @Test func `a client that is let go closes its connections`() async throws {
        let server = try await RawServer { _ in [.answer()] }
        _ = try await client().send(get(server.url))
        await server.ended(1)
    }

    @Test func `a transfer that is too slow is ended`() async throws {
        let server = try await RawServer { _ in [.send("HTTP/1.1 200 OK\r\nContent-Length: 900\r\n\r\nshort")] }
        let request = get(server.url) { $0.lowSpeed = FetchLowSpeed(bytesPerSecond: 100, period: .seconds(1)) }
        let start = ContinuousClock.now
        let error = await failure { () async throws(FetchError) in try await client().send(request) }
        #expect(error == .timedOut(requestSent: true))
        #expect(ContinuousClock.now - start < .seconds(25))
    }

    @Test func `cancelling at any moment ends every task`() async throws {
        let server = try await RawServer { _ in [.answer()] }
        let client = client(connections: 4)
        await withTaskGroup(of: Void.self) { group in
            for number in 0..<300 {
                group.addTask {
                    let task = Task { try? await client.send(get(server.url)) }  // either end is right here
                    if number % 2 == 0 { await Task.yield() }
                    task.cancel()
                    _ = await task.value
                }
            }
        }
        #expect(try await client.send(get(server.url)).status == 200)
    }
}
