import CMagic
import Synchronization

/// Tells a file's type from its bytes, by libmagic.
final class TypeSniffer: Sendable {
    private struct Cookie: @unchecked Sendable {
        let pointer: magic_t
    }

    /// libmagic's cookies are for one thread at a time.
    private let cookie: Mutex<Cookie>

    init() throws(GatewayError) {
        guard let pointer = magic_open(MAGIC_MIME_TYPE | MAGIC_ERROR), magic_load(pointer, nil) == 0 else {
            throw GatewayError(
                .internalError, "libmagic can't be used: its database is missing (Debian: libmagic-mgc)")
        }
        cookie = Mutex(Cookie(pointer: pointer))
    }

    deinit { cookie.withLock { magic_close($0.pointer) } }

    /// - Returns: a MIME type without parameters, as `image/png`.
    func type(ofFileAt path: String) throws(GatewayError) -> String {
        let found = cookie.withLock { cookie in magic_file(cookie.pointer, path).map { String(cString: $0) } }
        guard let found else { throw GatewayError(.internalError, "the file's type can't be read", cause: path) }
        return found
    }
}
