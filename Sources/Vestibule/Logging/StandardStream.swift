import Foundation

/// Standard output and error, written to without a buffer: what was written is out before the program can end.
enum StandardStream {
    case output, error

    /// Writes the whole text, in one call where the system takes it, so that lines of several threads don't mix.
    func write(_ text: String) {
        var text = text
        text.withUTF8 { bytes in
            var rest = UnsafeRawBufferPointer(bytes)
            while !rest.isEmpty {
                let written = Foundation.write(descriptor, rest.baseAddress, rest.count)
                guard written > 0 else {
                    if written < 0, errno == EINTR { continue }
                    // Nobody reads the stream any more; there is no other place to say so.
                    return
                }
                rest = UnsafeRawBufferPointer(rebasing: rest[written...])
            }
        }
    }

    private var descriptor: Int32 {
        switch self {
        case .output: STDOUT_FILENO
        case .error: STDERR_FILENO
        }
    }
}
