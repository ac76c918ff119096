import Foundation
import Testing

@testable import Gateway

/// What runs on strangers' files is held by its bounds, and leaves nothing behind.
@Suite(.timeLimit(.minutes(5))) struct ChildProcessTests {
    private struct Lab {
        let folder: String
        let bounds: ChildProcess.Bounds

        /// Runs a script of the shell's.
        func run(
            _ script: String, _ change: (inout ChildProcess.Limits) -> Void = { _ in }, limit: CallLimit? = nil
        ) async throws -> ChildProcess.Ending {
            var limits = ChildProcess.Limits(output: 1 << 20)
            change(&limits)
            let child = ChildProcess(
                bounds: bounds, program: "/bin/sh", arguments: ["-c", script], limits: limits, folder: folder)
            let limit = limit ?? CallLimit(.seconds(240))
            return try await BlockingThreads(name: "test", count: 1).run { try child.run(limit) }
        }

        func text(_ name: String) throws -> String {
            try String(contentsOfFile: "\(folder)/\(name)", encoding: .utf8).trimmingCharacters(
                in: .whitespacesAndNewlines)
        }

        /// Whether the process whose number a script wrote there is gone, or will be in a moment.
        func isGone(_ name: String) async throws -> Bool {
            let number = try #require(Int32(try text(name)))
            let deadline = ContinuousClock.now + .seconds(60)
            while ContinuousClock.now < deadline {
                // What nobody waits for any more stays as a zombie where there is no init.
                let state = try? String(contentsOfFile: "/proc/\(number)/stat", encoding: .utf8)
                if state == nil || state?.contains(") Z ") == true { return true }
                try await Task.sleep(for: .milliseconds(20))
            }
            return false
        }
    }

    private func lab(_ body: (Lab) async throws -> Void) async throws {
        let folder = URL(fileURLWithPath: NSTemporaryDirectory()).appending(path: "child-\(MediaName.random())").path
        try LocalFile.makeFolder(folder)
        defer { try? FileManager.default.removeItem(atPath: folder) }  // left over it harms nobody
        try await body(Lab(folder: folder, bounds: #require(MediaPrograms().bounds)))
    }

    @Test func `its exit code and the end of its words are told`() async throws {
        try await lab { (lab: Lab) async throws in
            #expect(try await lab.run("exit 0") == .exited(0, words: ""))
            #expect(try await lab.run("echo no >&2; echo unseen; exit 3") == .exited(3, words: "no\n"))
            let words = try await lab.run("head -c 100000 /dev/zero | tr '\\0' x >&2; echo end >&2; exit 1")
            guard case .exited(1, let said) = words else {
                Issue.record("\(words)")
                return
            }
            #expect(said.utf8.count == 2048 && said.hasSuffix("xend\n"))
        }
    }

    @Test func `it sees its folder alone, and none of this process's files, signals and settings`() async throws {
        setenv("VESTIBULE_TEST_SECRET", "hunter2", 1)
        // One that was opened without the flag that closes it.
        let open = open("/dev/null", O_RDONLY)
        defer { close(open) }
        try await lab { (lab: Lab) async throws in
            _ = try await lab.run("pwd > pwd; env > env; ls /proc/$$/fd > files; echo $TMPDIR > tmp; cat > input")
            for name in ["pwd", "tmp"] { #expect(try lab.text(name) == lab.folder) }
            #expect(try !lab.text("env").contains("hunter2"))
            #expect(try Set(lab.text("files").split(separator: "\n")).isSubset(of: ["0", "1", "2", "3", "10", "255"]))
            #expect(try lab.text("input").isEmpty)
            _ = try await lab.run("grep -E 'SigBlk|SigIgn|NoNewPrivs' /proc/$$/status | tr -d '\\t' > status")
            let status = try lab.text("status").split(separator: "\n").compactMap { line in
                line.split(separator: ":").last.flatMap { UInt64($0, radix: 16) }
            }
            // glibc keeps the signals 32 and 33 to itself.
            #expect(status.map { $0 & 0x7FFF_FFFF } == [0, 0, 1])
        }
    }

    @Test func `each bound ends it`() async throws {
        try await lab { (lab: Lab) async throws in
            #expect(try await lab.run("sleep 600", { $0.seconds = 1 }) == .timedOut)
            #expect(try await lab.run("exec 2>&-; sleep 600", { $0.seconds = 1 }) == .timedOut)
            #expect(try await lab.run("while :; do :; done", { $0.processorSeconds = 1 }) == .killed(SIGKILL))
            _ = try await lab.run("ulimit -v > memory; ulimit -f > size; ulimit -c > core", { $0.memory = 512 << 20 })
            #expect(try lab.text("memory") == String(512 << 10))
            #expect(try lab.text("core") == "0")
            let ending = try await lab.run("exec head -c 3000000 /dev/zero > large")
            #expect(ending == .killed(SIGXFSZ))
            #expect(try LocalFile.size(lab.folder + "/large") == 1 << 20)
        }
    }

    @Test func `what it began ends with it`() async throws {
        try await lab { (lab: Lab) async throws in
            #expect(try await lab.run("sleep 600 2>/dev/null & echo $! > child; exit 0") == .exited(0, words: ""))
            #expect(try await lab.isGone("child"))
            #expect(try await lab.run("sleep 600 & echo $! > child; sleep 600", { $0.seconds = 2 }) == .timedOut)
            #expect(try await lab.isGone("child"))
        }
    }

    @Test func `it ends with the task that waits for it`() async throws {
        try await lab { (lab: Lab) async throws in
            let limit = CallLimit(.seconds(240))
            async let ending = lab.run("echo $$ > self; sleep 600", limit: limit)
            while (try? lab.text("self"))?.isEmpty != false { try await Task.sleep(for: .milliseconds(10)) }
            limit.cancel()
            do {
                Issue.record("\(try await ending)")
            } catch {
                #expect(error as? CallLimit.End == .cancelled)
            }
            #expect(try await lab.isGone("self"))
        }
    }

    @Test func `a program that is not there is told, not waited for`() async throws {
        try await lab { (lab: Lab) async throws in
            let child = ChildProcess(
                bounds: lab.bounds, program: "/nonexistent", arguments: [], limits: .init(output: 1),
                folder: lab.folder)
            let ending = try await BlockingThreads(name: "test", count: 1).run {
                try child.run(CallLimit(.seconds(60)))
            }
            guard case .exited(let code, _) = ending, code != 0 else {
                Issue.record("\(ending)")
                return
            }
        }
    }
}
