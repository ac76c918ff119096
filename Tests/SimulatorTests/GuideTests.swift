import Fetch
import Foundation
import JSON
import Testing

@testable import Simulator

@Suite(.timeLimit(.minutes(1)))
struct GuideTests {
    /// Commands in `sh` blocks of the page; those in `console` blocks need a gateway or fail on purpose.
    static func commands() throws -> [String] {
        let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent()
        let page = try String(contentsOf: root.appendingPathComponent("docs/simulator.md"), encoding: .utf8)
        return page.components(separatedBy: "```sh\n").dropFirst().flatMap { block in
            block.components(separatedBy: "```")[0].split(separator: "\n").map(String.init)
        }
    }

    @Test func `the commands of the page work as printed`() async throws {
        try await Lab.run { lab in
            let commands = try Self.commands()
            #expect(commands.count > 10)
            for command in commands { try await run(command, lab) }
        }
    }

    @Test func `the commands that the simulator itself shows work as printed`() async throws {
        try await Lab.run { lab in
            let guide = try await lab.client.call("GET", "/sim")
            let shown = try #require(guide["try"]?.object)
            #expect(shown.count > 5)
            for pair in shown { try await run(pair.value.string?.replacing("wait=10", with: "wait=0") ?? "", lab) }
            for route in guide["routes"]?.array ?? [] {
                let parts = (route.string ?? "").split(separator: " ").map(String.init)
                let path = parts[1].replacing("{number}", with: "15550100001").replacing("{id}", with: "none")
                let answer = try await lab.graph(parts[0], path, [:])
                #expect(!String(decoding: answer.body, as: UTF8.self).contains("there is no \(parts[0]) "), "\(route)")
            }
        }
    }

    /// Runs one command against the lab; curl fails on any status from 400 on.
    private func run(_ command: String, _ lab: Lab) async throws {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/bin/sh")
        let local = command.replacing("http://127.0.0.1:4000", with: lab.base)
        // Another test sets a proxy that leads nowhere for the whole process.
        process.arguments = ["-c", "curl() { command curl --noproxy '*' --fail -o /dev/null \"$@\"; }; \(local)"]
        let status = try await withCheckedThrowingContinuation { (done: CheckedContinuation<Int32, any Error>) in
            process.terminationHandler = { done.resume(returning: $0.terminationStatus) }
            do {
                try process.run()
            } catch {
                process.terminationHandler = nil
                done.resume(throwing: error)
            }
        }
        #expect(status == 0, "\(command)")
    }
}
