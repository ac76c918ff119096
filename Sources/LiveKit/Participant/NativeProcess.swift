import CSpawn
import Foundation
import Synchronization

/// The process that has the native library, as the gateway sees it; see ``NativeHost``. It is never begun again: when it
/// is over, so are all rooms that were joined by it.
final class NativeProcess: Sendable {
    let events = NativeEvents()

    private let child: NativeChild
    private let outbox: FrameOutbox
    private let hello = PendingOutcome()

    private static let startTime: Duration = .seconds(30)
    /// What of this process's environment it is given: nothing secret, and where certificates lie.
    private static let environment = ["PATH", "LANG", "SSL_CERT_FILE", "SSL_CERT_DIR"]

    /// - Parameter command: the program and its arguments, of which ``NativeHost/run(library:)`` is the work.
    static func start(_ command: [String]) async throws(ParticipantError) -> NativeProcess {
        let process = try NativeProcess(command)
        do {
            _ = try await process.hello.value(within: startTime)
            return process
        } catch {
            process.kill()
            throw error
        }
    }

    private init(_ command: [String]) throws(ParticipantError) {
        var (toChild, fromChild): ([Int32], [Int32]) = ([-1, -1], [-1, -1])
        guard pipe2(&toChild, O_CLOEXEC) == 0 else { throw .noLibrary("no pipe: error \(errno)") }
        guard pipe2(&fromChild, O_CLOEXEC) == 0 else {
            toChild.forEach { _ = Glibc.close($0) }
            throw .noLibrary("no pipe: error \(errno)")
        }
        var child: pid_t = 0
        let code = Self.spawn(command, input: toChild[0], output: fromChild[1], &child)
        Glibc.close(toChild[0])
        Glibc.close(fromChild[1])
        guard code == 0 else {
            Glibc.close(toChild[1])
            Glibc.close(fromChild[0])
            throw .noLibrary("its process can't be begun: error \(code)")
        }
        let life = NativeChild(child)
        self.child = life
        outbox = FrameOutbox(pipe: toChild[1])
        let pipe = fromChild[0]
        let reader = Thread { [events, hello, outbox] in
            while let frame = NativeFrame.read(from: pipe) {
                switch frame.kind {
                case .hello where frame.content.isEmpty: hello.resolve(.success(.empty))
                case .hello: hello.resolve(.failure(.noLibrary(String(decoding: frame.content, as: UTF8.self))))
                case .event: events.take(frame.content)
                case .taken: events.taken(frame.id)
                case .refused: events.refused(frame.id)
                case .request, .drop: break
                }
            }
            Glibc.close(pipe)
            outbox.end()
            life.reap()
            hello.resolve(.failure(.noLibrary("its process ended at once")))
            events.end()
        }
        reader.name = "livekit-reader"
        reader.start()
    }

    /// Sends a request that nobody waits for.
    func post(_ field: Int, _ body: (inout ProtobufWriter) -> Void) {
        let (id, _) = events.expect()
        send(field, id, body)
        events.forget(id)
    }

    /// Sends a request, and waits for its outcome. A library that does not even take it in hangs, and is ended.
    /// - Parameter body: gets the id to name as the request's own.
    func call(
        _ field: Int, within time: Duration, _ body: (inout ProtobufWriter, UInt64) -> Void
    ) async throws(ParticipantError) -> ProtobufMessage {
        let (id, outcome) = events.expect()
        send(field, id) { body(&$0, id) }
        do {
            return try await outcome.value(within: time)
        } catch {
            if !events.forget(id), case .timedOut = error { kill() }
            throw error
        }
    }

    func drop(_ handle: UInt64?) {
        guard let handle, handle != 0 else { return }
        put(NativeFrame(kind: .drop, id: handle))
    }

    /// Lets it end by itself; what it has left to do is of no use to anybody.
    func close() { outbox.end() }

    func kill() {
        outbox.end()
        child.kill()
    }

    private func send(_ field: Int, _ id: UInt64, _ body: (inout ProtobufWriter) -> Void) {
        var writer = ProtobufWriter()
        writer.message(field, body)
        put(NativeFrame(kind: .request, id: id, content: writer.bytes))
    }

    private func put(_ frame: NativeFrame) {
        // It takes nothing in any more: it hangs.
        if !outbox.put(frame) { kill() }
    }

    private static func spawn(_ command: [String], input: Int32, output: Int32, _ child: inout pid_t) -> Int32 {
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_adddup2(&actions, input, 0)
        posix_spawn_file_actions_adddup2(&actions, output, 1)
        posix_spawn_file_actions_addopen(&actions, 2, "/dev/null", O_WRONLY, 0)
        posix_spawn_file_actions_addclosefrom_np(&actions, 3)

        var attributes = posix_spawnattr_t()
        posix_spawnattr_init(&attributes)
        defer { posix_spawnattr_destroy(&attributes) }
        var none = sigset_t()
        sigemptyset(&none)
        var all = sigset_t()
        sigfillset(&all)
        posix_spawnattr_setsigmask(&attributes, &none)
        posix_spawnattr_setsigdefault(&attributes, &all)
        // A signal from the terminal is the gateway's: it leaves its rooms first.
        posix_spawnattr_setpgroup(&attributes, 0)
        posix_spawnattr_setflags(
            &attributes, Int16(POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF))

        let given = ProcessInfo.processInfo.environment
        let environment = Self.environment.compactMap { name in given[name].map { "\(name)=\($0)" } }
        let line = command.map { strdup($0) } + [nil]
        let names = environment.map { strdup($0) } + [nil]
        defer { (line + names).forEach { free($0) } }
        return posix_spawn(&child, command[0], &actions, &attributes, line, names)
    }
}

/// A child's number, which belongs to it until it was waited for.
private final class NativeChild: Sendable {
    private let number: pid_t
    private let isReaped = Mutex(false)

    init(_ number: pid_t) { self.number = number }

    func kill() {
        isReaped.withLock { isReaped in
            if !isReaped { _ = Glibc.kill(number, SIGKILL) }
        }
    }

    /// Ends it where it has not ended.
    func reap() {
        isReaped.withLock { isReaped in
            _ = Glibc.kill(number, SIGKILL)
            var status: Int32 = 0
            while waitpid(number, &status, 0) < 0, errno == EINTR {}
            isReaped = true
        }
    }
}
