import JSON
import SQL
import WhatsApp

/// The one error of the services: a code, words for the caller, and the cause for the log.
/// HTTP is unknown here; each API dialect has its own table from `code` to status.
package struct GatewayError: Error {
    package enum Code: String, Sendable {
        case invalid, unauthorized, forbidden, notFound, conflict, tooLarge, rateLimited, unavailable
        case windowClosed, mediaRejected, deliveryFailed, configNotFound, verificationFailed, internalError
    }

    package let code: Code
    /// Fit for the caller: names what is wrong and what is expected; no secret, no message text.
    package let message: String
    /// What a program can act on, such as Meta's own code.
    package let data: JSONObject
    /// For the log only.
    package let cause: String?

    package init(_ code: Code, _ message: String, data: JSONObject = [:], cause: String? = nil) {
        self.code = code
        self.message = message
        self.data = data
        self.cause = cause
    }

    package init(_ error: FieldError) {
        self.init(.invalid, error.message, data: ["field": .string(error.field)])
    }

    /// The service's error for whatever a closure over the database threw.
    init(wrapping error: any Error) {
        switch error {
        case let error as GatewayError: self = error
        case let error as FieldError: self.init(error)
        case let error as SQLError where error.isTransient:
            self.init(.unavailable, "the database can't be reached just now; try again", cause: error.message)
        case is CancellationError:
            self.init(.unavailable, "the request was cancelled before it was done; try again")
        default: self.init(.internalError, "internal error", cause: String(describing: error))
        }
    }
}

extension SQLError {
    /// Whether the same call may go well in a while: the database is away, busy, read-only or full.
    package var isTransient: Bool {
        switch kind {
        case .unavailable, .deadlock, .timeout, .readOnly, .full, .busy: true
        case .unique, .foreignKey, .notNull, .check, .invalid, .migration: false
        }
    }
}
