import Gateway
import Hummingbird
import JSON
import Logging
import NIOHTTP1

/// Turns whatever a route throws into an answer. What nobody foresaw is a 500 with a fixed text, and its cause goes
/// to the log alone.
struct FailureMiddleware: RouterMiddleware {
    let routes: RouteIndex
    let logger: Logger

    func handle(
        _ request: Request, context: GatewayContext,
        next: (Request, GatewayContext) async throws -> Response
    ) async throws -> Response {
        do {
            return try await next(request, context)
        } catch let error as HTTPParserError {
            // The connection is past answering in any other way than the server's own.
            throw error
        } catch {
            let failure = failure(for: error, request, context)
            failure.log(logger, requestID: context.requestID)
            return Response(failure)
        }
    }

    private func failure(for error: any Error, _ request: Request, _ context: GatewayContext) -> RequestFailure {
        guard let missing = error as? HTTPError, missing.status == .notFound else {
            return RequestFailure(any: error, requestID: context.requestID)
        }
        let methods = routes.methods(for: request.uri.path)
        return methods.isEmpty ? .noSuchRoute : .methodNotAllowed(methods)
    }
}
