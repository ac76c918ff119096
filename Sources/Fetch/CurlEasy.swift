import CCurl

/// Owns an easy handle with everything libcurl needs to outlive it. The first option that is refused is kept in
/// `problem`, since a missing one (the guard, the protocols) must stop the request.
final class CurlEasy {
    let pointer: UnsafeMutableRawPointer
    private(set) var problem: CURLcode = CURLE_OK
    private var headers: UnsafeMutablePointer<curl_slist>?
    private var mime: OpaquePointer?
    private let message: UnsafeMutablePointer<CChar>

    init() throws(FetchError) {
        guard let pointer = curl_easy_init() else { throw .other("out of memory") }
        self.pointer = pointer
        message = .allocate(capacity: Int(CURL_ERROR_SIZE))
        message.initialize(repeating: 0, count: Int(CURL_ERROR_SIZE))
        set(CURLOPT_ERRORBUFFER, pointer: message)
    }

    deinit {
        curl_easy_cleanup(pointer)
        curl_mime_free(mime)
        curl_slist_free_all(headers)
        message.deallocate()
    }

    func set(_ option: CURLoption, _ value: Int) {
        check(vestibule_curl_set_long(pointer, option, value))
    }

    func set(_ option: CURLoption, size: Int64) {
        check(vestibule_curl_set_size(pointer, option, curl_off_t(size)))
    }

    func set(_ option: CURLoption, _ value: String) {
        check(vestibule_curl_set_string(pointer, option, value))
    }

    func set(_ option: CURLoption, pointer value: UnsafeMutableRawPointer?) {
        check(vestibule_curl_set_pointer(pointer, option, value))
    }

    /// Copies the bytes and makes them the body.
    func set(body: [UInt8]) {
        set(CURLOPT_POST, 1)
        set(CURLOPT_POSTFIELDSIZE_LARGE, size: Int64(body.count))
        body.withUnsafeBytes { bytes in
            set(CURLOPT_COPYPOSTFIELDS, pointer: UnsafeMutableRawPointer(mutating: bytes.baseAddress ?? nothing))
        }
    }

    func set(headers lines: [String]) {
        for line in lines {
            guard let longer = curl_slist_append(headers, line) else { return check(CURLE_OUT_OF_MEMORY) }
            headers = longer
        }
        set(CURLOPT_HTTPHEADER, pointer: headers)
    }

    /// The file must live as long as this.
    func set(file: BodyFile) {
        set(CURLOPT_POST, 1)
        set(CURLOPT_POSTFIELDSIZE_LARGE, size: file.size)
        check(vestibule_curl_set_read(pointer, BodyFile.read))
        check(vestibule_curl_set_seek(pointer, BodyFile.seek))
        set(CURLOPT_READDATA, pointer: file.pointer)
        set(CURLOPT_SEEKDATA, pointer: file.pointer)
    }

    /// Adds a part; after the last one call `finishParts`. A file must live as long as this.
    func add(part: FetchPart, file: BodyFile?) {
        if mime == nil { mime = curl_mime_init(pointer) }
        guard let mime, let handle = curl_mime_addpart(mime) else { return check(CURLE_OUT_OF_MEMORY) }
        check(curl_mime_name(handle, part.name))
        switch part.content {
        case .bytes(let bytes):
            bytes.withUnsafeBytes { bytes in
                let start = (bytes.baseAddress ?? nothing).assumingMemoryBound(to: CChar.self)
                check(curl_mime_data(handle, start, bytes.count))
            }
        case .file:
            guard let file else { return check(CURLE_READ_ERROR) }
            check(curl_mime_data_cb(handle, curl_off_t(file.size), BodyFile.read, BodyFile.seek, nil, file.pointer))
        }
        if let name = part.fileName { check(curl_mime_filename(handle, name)) }
        if let type = part.contentType { check(curl_mime_type(handle, type)) }
    }

    func finishParts() {
        if mime == nil { mime = curl_mime_init(pointer) }
        set(CURLOPT_MIMEPOST, pointer: mime.map { UnsafeMutableRawPointer($0) })
    }

    func check(_ code: CURLcode) {
        if code != CURLE_OK, problem == CURLE_OK { problem = code }
    }

    /// An empty array has no address, and to libcurl a body of null is one to ask for by callback.
    private var nothing: UnsafeRawPointer { UnsafeRawPointer(message) }

    /// Where the request stands now: the URL after redirects.
    var effectiveURL: String {
        var text: UnsafePointer<CChar>?
        guard vestibule_curl_get_string(pointer, CURLINFO_EFFECTIVE_URL, &text) == CURLE_OK, let text else { return "" }
        return String(cString: text)
    }

    /// What libcurl said of a failure, in words.
    func explanation(of code: CURLcode) -> String {
        let said = String(cString: message)
        return said.isEmpty ? String(cString: curl_easy_strerror(code)) : said
    }
}
