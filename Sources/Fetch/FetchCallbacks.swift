import CCurl

extension FetchSetup {
    /// Leads libcurl's questions to the transfer, which must live until its handle is taken out of the loop.
    static func setCallbacks(_ easy: CurlEasy, context: UnsafeMutableRawPointer) {
        easy.set(CURLOPT_WRITEDATA, pointer: context)
        easy.check(
            vestibule_curl_set_receive(easy.pointer, CURLOPT_WRITEFUNCTION) { bytes, size, count, context in
                let received = UnsafeRawBufferPointer(start: bytes, count: size * count)
                return asker(context).received(body: received) ? received.count : refusal(of: received)
            })
        easy.set(CURLOPT_HEADERDATA, pointer: context)
        easy.check(
            vestibule_curl_set_receive(easy.pointer, CURLOPT_HEADERFUNCTION) { bytes, size, count, context in
                let received = UnsafeRawBufferPointer(start: bytes, count: size * count)
                return asker(context).received(headerLine: received) ? received.count : refusal(of: received)
            })
        easy.set(CURLOPT_OPENSOCKETDATA, pointer: context)
        easy.check(
            vestibule_curl_set_open_socket(easy.pointer) { context, _, address in
                guard let address else { return -1 }
                var bytes = [UInt8](repeating: 0, count: 16)
                var port: Int32 = 0
                let count = Int(vestibule_curl_address(address, &bytes, &port))
                let known = IPAddress(bytes: Array(bytes[..<count]))
                return asker(context).mayConnect(to: known, port: Int(port)) ? vestibule_curl_socket(address) : -1
            })
        easy.set(CURLOPT_PREREQDATA, pointer: context)
        easy.check(
            vestibule_curl_set_prerequest(easy.pointer) { context, address, _, port, _ in
                let known = address.flatMap { IPAddress(String(cString: $0)) }
                let isAllowed = asker(context).maySend(to: known, port: Int(port))
                return Int32(isAllowed ? CURL_PREREQFUNC_OK : CURL_PREREQFUNC_ABORT)
            })
    }
}

// Free functions, since a C function pointer can't capture the type around it.

private func asker(_ context: UnsafeMutableRawPointer?) -> FetchTransfer {
    Unmanaged<FetchTransfer>.fromOpaque(context!).takeUnretainedValue()
}

/// Any other number than the one of bytes given stops the transfer; nothing given is stopped by one too many.
private func refusal(of bytes: UnsafeRawBufferPointer) -> Int { bytes.isEmpty ? 1 : 0 }
