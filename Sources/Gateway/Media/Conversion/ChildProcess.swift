import CSpawn
import Foundation

/// One run of a program that reads a file which a stranger made, so whatever it does is bounded: wall time, processor
/// time, memory, the size of what it writes. It sees nothing of this process but a folder of its own, gains no rights,
/// and ends with this process. When it is over, so is every process that it began.
struct ChildProcess: Sendable {
    struct Limits: Sendable {
        var seconds = 60
        var processorSeconds = 30
        /// Of the address space, in bytes.
        var memory: Int64 = 1 << 30
        /// Of one file, in bytes.
        var output: Int64
    }

    enum Ending: Sendable, Hashable {
        /// - Parameter words: the end of what it said.
        case exited(Int32, words: String)
        /// By a signal: it ran into a limit, or crashed.
        case killed(Int32)
        case timedOut
    }

    /// The programs of util-linux that set the bounds, and then become the program.
    struct Bounds: Sendable {
        let setpriv: String
        let prlimit: String
    }

    let bounds: Bounds
    let program: String
    let arguments: [String]
    let limits: Limits
    /// Its working and temporary folder.
    let folder: String

    private static let wordsLimit = 2048
    private static let openFiles = 64

    /// Blocks: see ``BlockingThreads``.
    /// - Throws: `FileError` when it can't be begun; `CallLimit.End`, with nothing of it left.
    func run(_ limit: CallLimit) throws -> Ending {
        var words: [Int32] = [-1, -1]
        guard pipe2(&words, O_CLOEXEC) == 0 else { throw FileError(errno, "pipe") }
        defer { close(words[0]) }
        let child: pid_t
        do {
            defer { close(words[1]) }
            child = try spawn(errors: words[1])
        }
        let time = CallLimit(.seconds(limits.seconds), within: limit)
        var said: [UInt8] = []
        var end: CallLimit.End?
        do throws(CallLimit.End) {
            said = try Self.read(words[0], time)
            try Self.waitForEnd(of: child, time)
        } catch {
            end = error
        }
        // Until it is waited for, its number and so its group's belong to no one else.
        kill(-child, SIGKILL)
        var status: Int32 = 0
        while waitpid(child, &status, 0) < 0, errno == EINTR {}
        if let end {
            try limit.check()
            if case .cancelled = end { throw end }
            return .timedOut
        }
        let signal = status & 0x7F
        return signal == 0
            ? .exited((status >> 8) & 0xFF, words: String(decoding: said, as: UTF8.self)) : .killed(signal)
    }

    /// Until everyone who has the other end has ended or closed it.
    private static func read(_ pipe: Int32, _ limit: CallLimit) throws(CallLimit.End) -> [UInt8] {
        var said: [UInt8] = []
        var piece = [UInt8](repeating: 0, count: 1024)
        while true {
            _ = try limit.wait(for: Int32(POLLIN), on: pipe)
            let count = Glibc.read(pipe, &piece, piece.count)
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { return said }
            said = (said + piece[..<count]).suffix(wordsLimit)
        }
    }

    /// Leaves it to be waited for.
    private static func waitForEnd(of child: pid_t, _ limit: CallLimit) throws(CallLimit.End) {
        var facts = siginfo_t()
        // What has closed its errors ends in a moment, or was made to look so.
        var pause: UInt32 = 1000
        while true {
            let code = waitid(P_PID, id_t(child), &facts, WEXITED | WNOHANG | WNOWAIT)
            if code == 0, facts.si_signo == SIGCHLD { return }
            try limit.check()
            usleep(pause)
            pause = min(pause * 2, 50_000)
        }
    }

    private func spawn(errors: Int32) throws -> pid_t {
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0)
        posix_spawn_file_actions_addopen(&actions, 1, "/dev/null", O_WRONLY, 0)
        posix_spawn_file_actions_adddup2(&actions, errors, 2)
        posix_spawn_file_actions_addclosefrom_np(&actions, 3)
        posix_spawn_file_actions_addchdir_np(&actions, folder)

        var attributes = posix_spawnattr_t()
        posix_spawnattr_init(&attributes)
        defer { posix_spawnattr_destroy(&attributes) }
        var none = sigset_t()
        sigemptyset(&none)
        var all = sigset_t()
        sigfillset(&all)
        posix_spawnattr_setsigmask(&attributes, &none)
        posix_spawnattr_setsigdefault(&attributes, &all)
        posix_spawnattr_setpgroup(&attributes, 0)
        posix_spawnattr_setflags(
            &attributes, Int16(POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF))

        let line =
            [bounds.setpriv, "--pdeathsig", "KILL", "--no-new-privs", "--", bounds.prlimit]
            + [
                "--as=\(limits.memory)", "--cpu=\(limits.processorSeconds)", "--fsize=\(limits.output)",
                "--nofile=\(Self.openFiles)", "--core=0", "--", program,
            ] + arguments
        let environment = ["PATH=/usr/bin:/bin", "LANG=C", "HOME=\(folder)", "TMPDIR=\(folder)"]
        var child: pid_t = 0
        let code = Self.withCStrings(line) { line in
            Self.withCStrings(environment) { environment in
                posix_spawn(&child, bounds.setpriv, &actions, &attributes, line, environment)
            }
        }
        guard code == 0 else { throw FileError(code, "posix_spawn") }
        return child
    }

    private static func withCStrings<Value>(
        _ texts: [String], _ body: ([UnsafeMutablePointer<CChar>?]) -> Value
    ) -> Value {
        let copies = texts.map { strdup($0) }
        defer { copies.forEach { free($0) } }
        return body(copies + [nil])
    }
}
