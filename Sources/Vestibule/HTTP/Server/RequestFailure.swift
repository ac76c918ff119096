import Gateway
import HTTPTypes
import JSON
import Logging

/// An error as it is answered: the one table from the services' codes to status and code of this API's answers.
struct RequestFailure: Error, Sendable {
    let status: HTTPResponse.Status
    let code: String
    var message: String
    var data: JSONObject = [:]
    var headers: HTTPFields = [:]
    /// For the log only.
    var cause: String?

    /// `{"success":false,"error":{"code","message","data"}}`
    var json: JSON {
        ["success": false, "error": ["code": .string(code), "message": .string(message), "data": .object(data)]]
    }
}

extension RequestFailure {
    init(_ error: GatewayError) {
        let (status, code) = Self.wire(error.code)
        self.init(status: status, code: code, message: error.message, data: error.data, cause: error.cause)
        switch error.code {
        case .unavailable: headers[.retryAfter] = "5"
        case .rateLimited: headers[.retryAfter] = String(error.data["retryAfter"]?.int ?? 1)
        case .unauthorized: headers[.wwwAuthenticate] = "Bearer"
        default: break
        }
    }

    init(_ error: FieldError) {
        self.init(GatewayError(error))
    }

    /// Whatever a service or a route throws. What nobody foresaw is told in a fixed text, its cause to the log alone.
    init(any error: any Error, requestID: String) {
        switch error {
        case let failure as RequestFailure: self = failure
        case let error as GatewayError where error.code == .internalError:
            self = .internalError(requestID: requestID, cause: error.cause ?? error.message)
        case let error as GatewayError: self.init(error)
        case let error as FieldError: self.init(error)
        case let error as ConnectionGuard.Abandoned: self = error.failure
        default: self = .internalError(requestID: requestID, cause: String(reflecting: error))
        }
    }

    private static func wire(_ code: GatewayError.Code) -> (HTTPResponse.Status, String) {
        switch code {
        case .invalid: (.badRequest, "BAD_REQUEST")
        case .unauthorized: (.unauthorized, "UNAUTHORIZED")
        case .forbidden: (.forbidden, "FORBIDDEN")
        case .notFound: (.notFound, "NOT_FOUND")
        case .conflict: (.conflict, "CONFLICT")
        case .tooLarge: (.contentTooLarge, "PAYLOAD_TOO_LARGE")
        case .rateLimited: (.tooManyRequests, "RATE_LIMIT_EXCEEDED")
        case .unavailable: (.serviceUnavailable, "SERVICE_UNAVAILABLE")
        case .windowClosed: (.unprocessableContent, "WINDOW_CLOSED")
        case .mediaRejected: (.unprocessableContent, "MEDIA_REJECTED")
        case .deliveryFailed: (.badGateway, "MESSAGE_PROCESSING_FAILED")
        case .configNotFound: (.notFound, "CONFIG_NOT_FOUND")
        case .verificationFailed: (.unauthorized, "WEBHOOK_VERIFICATION_FAILED")
        case .internalError: (.internalServerError, "INTERNAL_SERVER_ERROR")
        }
    }

    /// Refusals are the caller's affair; what went wrong here is the operator's.
    func log(_ logger: Logger, requestID: String) {
        guard status.code >= 500 else { return }
        logger.log(
            level: status == .internalServerError ? .error : .warning, "request failed",
            metadata: [
                "request.id": "\(requestID)", "http.status": "\(status.code)", "cause": "\(cause ?? code)",
            ])
    }

    static func invalid(_ message: String, field: String? = nil) -> RequestFailure {
        var failure = RequestFailure(status: .badRequest, code: "BAD_REQUEST", message: message)
        if let field { failure.data["field"] = .string(field) }
        return failure
    }

    static func tooLarge(limit: Int) -> RequestFailure {
        RequestFailure(
            status: .contentTooLarge, code: "PAYLOAD_TOO_LARGE",
            message: "the body is larger than the \(limit / 1024) KiB allowed here")
    }

    static let noSuchRoute = RequestFailure(
        status: .notFound, code: "NOT_FOUND", message: "there is no such path; GET /openapi.yaml lists them all")

    static func methodNotAllowed(_ allowed: [String]) -> RequestFailure {
        RequestFailure(
            status: .methodNotAllowed, code: "METHOD_NOT_ALLOWED",
            message: "this path answers \(allowed.joined(separator: ", ")) only",
            headers: [.allow: allowed.joined(separator: ", ")])
    }

    static let timedOut = RequestFailure(
        status: .requestTimeout, code: "REQUEST_TIMEOUT", message: "the request took too long to arrive")

    static let headTooLarge = RequestFailure(
        status: .requestHeaderFieldsTooLarge, code: "REQUEST_HEADER_FIELDS_TOO_LARGE",
        message: "the request's head is larger than \(ConnectionLimits.headBytes / 1024) KiB")

    static let malformed = RequestFailure(
        status: .badRequest, code: "BAD_REQUEST", message: "this is no well-formed HTTP/1.1 request")

    /// - Parameter requestID: lets the caller name the request, and the operator find it in the log.
    static func internalError(requestID: String, cause: String) -> RequestFailure {
        RequestFailure(
            status: .internalServerError, code: "INTERNAL_SERVER_ERROR",
            message: "something went wrong here; the request id names it in the server's log",
            data: ["requestId": .string(requestID)], cause: cause)
    }
}
