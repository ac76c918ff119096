import JSON

/// An error of the control API: `{"error":{"code","message"}}`.
struct ControlError: Error, Sendable {
    let status: Int
    let code: String
    let message: String

    var reply: Reply { .json(["error": ["code": .string(code), "message": .string(message)]], status: status) }

    static func bad(_ message: String) -> ControlError {
        ControlError(status: 400, code: "BAD_REQUEST", message: message)
    }

    static func field(_ error: FieldError) -> ControlError { bad(error.message) }

    static func notFound(_ message: String) -> ControlError {
        ControlError(status: 404, code: "NOT_FOUND", message: message)
    }

    static var tooLarge: ControlError {
        ControlError(status: 413, code: "TOO_LARGE", message: "the request body is larger than 144 MiB")
    }
}
