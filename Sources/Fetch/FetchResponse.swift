/// An answer, of whatever status, with its whole body.
package struct FetchResponse: Sendable {
    package let status: Int
    package let headers: FetchHeaders
    package let body: [UInt8]
    /// Where the answer came from, after redirects.
    package let finalURL: String

    package init(status: Int, headers: FetchHeaders = [:], body: [UInt8] = [], finalURL: String = "") {
        self.status = status
        self.headers = headers
        self.body = body
        self.finalURL = finalURL
    }
}

/// An answer whose body went into a file, when its status is 2xx. With any other status there is no file: `size` is 0
/// and `errorBody` holds the first 64 KiB of what was said instead.
package struct FetchDownload: Sendable {
    package let status: Int
    package let headers: FetchHeaders
    package let size: Int64
    /// 32 bytes, of the file's content.
    package let sha256: [UInt8]
    package let finalURL: String
    package let errorBody: [UInt8]

    package var isSuccess: Bool { (200..<300).contains(status) }

    package init(
        status: Int, headers: FetchHeaders, size: Int64, sha256: [UInt8], finalURL: String, errorBody: [UInt8] = []
    ) {
        self.status = status
        self.headers = headers
        self.size = size
        self.sha256 = sha256
        self.finalURL = finalURL
        self.errorBody = errorBody
    }
}
