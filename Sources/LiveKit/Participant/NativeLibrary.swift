import Glibc
import Synchronization

/// LiveKit's own native library, `liblivekit_ffi.so`, loaded at run time. There is one in a process, and it is never
/// unloaded: its threads outlive whoever used it.
package final class NativeLibrary: Sendable {
    private typealias Callback = @convention(c) (UnsafePointer<UInt8>?, Int) -> Void
    private typealias Initialize = @convention(c) (Callback, Bool, UnsafePointer<CChar>, UnsafePointer<CChar>) -> Void
    private typealias Request =
        @convention(c) (
            UnsafePointer<UInt8>?, Int, UnsafeMutablePointer<UnsafePointer<UInt8>?>, UnsafeMutablePointer<Int>
        ) -> UInt64
    private typealias DropHandle = @convention(c) (UInt64) -> Bool

    private let request: Request
    private let dropHandle: DropHandle
    private let initialize: Initialize

    /// Who gets the library's events; a C function pointer can carry nothing.
    private static let listener = Mutex<(@Sendable (UnsafeBufferPointer<UInt8>) -> Void)?>(nil)

    /// Opens the library without making use of it yet.
    package init(_ path: String) throws(ParticipantError) {
        guard let handle = dlopen(path, RTLD_NOW | RTLD_LOCAL) else {
            throw .noLibrary(dlerror().map { String(cString: $0) } ?? path)
        }
        func symbol<Function>(_ name: String, _: Function.Type) throws(ParticipantError) -> Function {
            guard let address = dlsym(handle, name) else { throw .noLibrary("\(path) has no \(name)") }
            return unsafeBitCast(address, to: Function.self)
        }
        request = try symbol("livekit_ffi_request", Request.self)
        dropHandle = try symbol("livekit_ffi_drop_handle", DropHandle.self)
        initialize = try symbol("livekit_ffi_initialize", Initialize.self)
    }

    /// - Parameter heard: gets each event on the library's own threads; the bytes are good until it returns.
    func start(_ heard: @escaping @Sendable (UnsafeBufferPointer<UInt8>) -> Void) {
        Self.listener.withLock { $0 = heard }
        initialize(
            { data, length in
                guard let data, length > 0 else { return }
                let heard = NativeLibrary.listener.withLock { $0 }
                heard?(UnsafeBufferPointer(start: data, count: length))
            }, false, "vestibule", "0.1")
    }

    /// What the library says at once is thrown away: every outcome that matters comes as an event.
    /// - Returns: whether it took the request.
    func send(_ bytes: [UInt8]) -> Bool {
        var data: UnsafePointer<UInt8>?
        var length = 0
        let handle = bytes.withUnsafeBufferPointer { request($0.baseAddress, $0.count, &data, &length) }
        drop(handle)
        return handle != 0
    }

    func drop(_ handle: UInt64) {
        if handle != 0 { _ = dropHandle(handle) }
    }
}
