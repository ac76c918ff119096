import Glibc
import Synchronization

/// The process that has the native library: it does what it is told on its input, in order, and tells on its output what
/// the library does. So a library that crashes or hangs takes no gateway with it.
package enum NativeHost {
    /// Ends with its input.
    package static func run(library path: String) -> Never {
        // It ends when the gateway wants it to or is gone, and not before the gateway has left its rooms.
        for number in [SIGTERM, SIGINT, SIGHUP] { signal(number, SIG_IGN) }
        let (input, output) = (dup(0), dup(1))
        // Whatever the library prints is none of the gateway's.
        _ = dup2(2, 1)
        let gate = Mutex(())
        let tell: @Sendable (NativeFrame) -> Void = { frame in
            gate.withLock { _ in
                if !frame.write(to: output) { _exit(1) }
            }
        }
        let library: NativeLibrary
        do {
            library = try NativeLibrary(path)
        } catch {
            let words = if case .noLibrary(let problem) = error { problem } else { error.summary }
            tell(NativeFrame(kind: .hello, content: Array(words.utf8)))
            _exit(1)
        }
        library.start { tell(NativeFrame(kind: .event, content: Array($0))) }
        tell(NativeFrame(kind: .hello))
        while let frame = NativeFrame.read(from: input) {
            switch frame.kind {
            case .request:
                let isTaken = library.send(frame.content)
                tell(NativeFrame(kind: isTaken ? .taken : .refused, id: frame.id))
            case .drop: library.drop(frame.id)
            case .hello, .taken, .refused, .event: break
            }
        }
        _exit(0)
    }
}
