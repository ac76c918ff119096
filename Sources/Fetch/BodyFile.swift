import CCurl
import Foundation

/// A file being sent, or a part of it. Its size is settled at opening: what is appended meanwhile is not sent, and a file that became
/// shorter ends the transfer, since the announced length can't be kept.
final class BodyFile {
    let size: Int64
    private let descriptor: Int32
    /// Where in the file the body begins.
    private let start: Int64
    private var position: Int64 = 0

    init(path: String, range: Range<Int64>? = nil) throws(FetchError) {
        guard !path.utf8.contains(0) else { throw .fileSystem("the path of the body holds a NUL character") }
        descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw .fileSystem("the body can't be opened: \(systemError())") }
        var facts = stat()
        guard fstat(descriptor, &facts) == 0, facts.st_mode & S_IFMT == S_IFREG else {
            Foundation.close(descriptor)
            throw .fileSystem("the body is no regular file")
        }
        let length = Int64(facts.st_size)
        let range = range ?? 0..<length
        guard 0 <= range.lowerBound, range.upperBound <= length else {
            Foundation.close(descriptor)
            throw .fileSystem("the body's file is too short")
        }
        start = range.lowerBound
        size = range.upperBound - range.lowerBound
    }

    deinit { Foundation.close(descriptor) }

    /// For libcurl; valid as long as this lives.
    var pointer: UnsafeMutableRawPointer { Unmanaged.passUnretained(self).toOpaque() }

    static let read: curl_read_callback = { buffer, size, count, context in
        guard let buffer, let context else { return Int(CURL_READFUNC_ABORT) }
        return Unmanaged<BodyFile>.fromOpaque(context).takeUnretainedValue().read(into: buffer, size * count)
    }

    static let seek: curl_seek_callback = { context, offset, origin in
        guard let context, origin == SEEK_SET else { return Int32(CURL_SEEKFUNC_FAIL) }
        let file = Unmanaged<BodyFile>.fromOpaque(context).takeUnretainedValue()
        guard (0...file.size).contains(Int64(offset)) else { return Int32(CURL_SEEKFUNC_FAIL) }
        file.position = Int64(offset)
        return Int32(CURL_SEEKFUNC_OK)
    }

    private func read(into buffer: UnsafeMutablePointer<CChar>, _ capacity: Int) -> Int {
        let wanted = min(Int64(capacity), size - position)
        guard wanted > 0 else { return 0 }
        while true {
            let count = pread(descriptor, buffer, Int(wanted), off_t(start + position))
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { return Int(CURL_READFUNC_ABORT) }
            position += Int64(count)
            return count
        }
    }
}

/// The words for the present `errno`.
func systemError() -> String { String(cString: strerror(errno)) }
