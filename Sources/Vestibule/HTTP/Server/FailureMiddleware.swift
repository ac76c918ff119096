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
            log(failure, context)
            return Response(failure)
        }
    }

    private func failure(for error: any Error, _ request: Request, _ context: GatewayContext) -> RequestFailure {
        switch error {
        case let failure as RequestFailure:
            return failure
        case let error as GatewayError where error.code == .internalError:
            return .internalError(requestID: context.requestID, cause: error.cause ?? error.message)
        case let error as GatewayError:
            return RequestFailure(error)
        case let error as FieldError:
            return RequestFailure(error)
        case let error as HTTPError where error.status == .notFound:
            let methods = routes.methods(for: request.uri.path)
            return methods.isEmpty ? .noSuchRoute : .methodNotAllowed(methods)
        case let error as ConnectionGuard.Abandoned:
            return error.failure
        default:
            return .internalError(requestID: context.requestID, cause: String(reflecting: error))
        }
    }

    private func log(_ failure: RequestFailure, _ context: GatewayContext) {
        guard failure.status.code >= 500 else { return }
        let level: Logger.Level = failure.status == .internalServerError ? .error : .warning
        logger.log(
            level: level, "request failed",
            metadata: [
                "request.id": "\(context.requestID)", "http.status": "\(failure.status.code)",
                "cause": "\(failure.cause ?? failure.code)",
            ])
    }
}
