import Fetch
import JSON

/// The body of an answer of the Graph API, read for what can go wrong with it.
struct GraphReply {
    let json: JSON?
    let error: MetaError?

    init(status: Int, body: [UInt8]) {
        // A body that is no JSON is a finding of its own: `json` is nil.
        json = try? JSON(parsing: body, mode: .lenient)
        error = json?["error"].flatMap { MetaError.parse($0, httpStatus: status) }
    }
}
