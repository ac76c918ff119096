import Gateway
import HTTPTypes
import Hummingbird
import Logging

/// The outermost layer: gives the request its id, counts and logs it, and puts on every answer the headers that all
/// answers bear.
struct RequestLogMiddleware: RouterMiddleware {
    let metrics: RequestMetrics
    let logger: Logger

    func handle(
        _ request: Request, context: GatewayContext,
        next: (Request, GatewayContext) async throws -> Response
    ) async throws -> Response {
        var context = context
        context.requestID = RequestID.take(request.headers[.requestID])
        let start = ContinuousClock.now
        metrics.begin()
        defer { metrics.end() }

        var response = try await next(request, context)
        // An answer to HEAD that had a body would be read as the beginning of the next answer.
        if request.method == .head { response = response.createHeadResponse() }
        Self.complete(&response.headers, requestID: context.requestID)

        let duration = ContinuousClock.now - start
        let route = RequestPath.template(context.endpointPath)
        metrics.record(method: request.method, route: route, status: response.status, duration: duration)
        log(request, context, route, response.status, duration)
        return response
    }

    private static func complete(_ headers: inout HTTPFields, requestID: String) {
        headers[.requestID] = requestID
        headers[.xContentTypeOptions] = "nosniff"
        headers[.referrerPolicy] = "no-referrer"
        if headers[.cacheControl] == nil { headers[.cacheControl] = "no-store" }
        if headers[.contentSecurityPolicy] == nil {
            headers[.contentSecurityPolicy] = "default-src 'none'; frame-ancestors 'none'"
        }
    }

    /// What runs by itself, many times a second, is logged only where it went wrong or where `debug` is asked for.
    private static let quietRoutes: Set<String> = [
        "/whatsapp/webhook", "/health", "/ready", "/metrics", "/uploads/whatsapp/{name}",
    ]

    private func log(
        _ request: Request, _ context: GatewayContext, _ route: String, _ status: HTTPResponse.Status,
        _ duration: Duration
    ) {
        let isQuiet = status.code < 400 && Self.quietRoutes.contains(route)
        logger.log(
            level: isQuiet ? .debug : .info, "request",
            metadata: [
                "request.id": "\(context.requestID)", "http.method": "\(request.method.rawValue)",
                "http.path": "\(RequestPath.masked(request.uri.path, template: context.endpointPath))",
                "http.status": "\(status.code)", "client": "\(context.peer ?? "-")",
                "duration.ms": "\((duration / .milliseconds(1)).rounded(toPlaces: 3))",
            ])
    }
}

extension Double {
    fileprivate func rounded(toPlaces places: Int) -> Double {
        let factor = (0..<places).reduce(1.0) { factor, _ in factor * 10 }
        return (self * factor).rounded() / factor
    }
}
