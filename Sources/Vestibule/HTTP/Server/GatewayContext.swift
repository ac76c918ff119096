import Hummingbird
import Logging
import NIOCore

/// What the routes know of a request besides itself.
struct GatewayContext: RequestContext {
    var coreContext: CoreRequestContextStorage
    /// In the answer's `X-Request-Id` and in every log line about the request.
    var requestID = ""
    /// The other end of the connection: behind a proxy, the proxy.
    let peer: String?
    let channel: any Channel

    init(source: ApplicationRequestContextSource) {
        coreContext = CoreRequestContextStorage(source: source)
        channel = source.channel
        peer = source.channel.remoteAddress?.ipAddress
    }
}
