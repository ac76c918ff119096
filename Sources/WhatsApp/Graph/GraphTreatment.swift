import Fetch

/// What a pause holds up.
package enum PauseScope: Sendable, Hashable {
    /// Everything of the account, until a person mends its token.
    case account
    /// Everything sent from the business number.
    case number
    /// What goes from the business number to this one recipient.
    case pair
    /// Everything of the app, whatever its number.
    case app
}

/// What an error of Meta asks of whoever made the call.
package enum GraphTreatment: Sendable, Hashable {
    /// It may heal by itself. `nil`: the caller's own backoff.
    case retry(after: Duration?)
    /// Nothing is wrong with the request; it has to wait. `nil`: until a person acted (`.account`), or the caller's own
    /// growing wait (`.pair`).
    case pause(PauseScope, for: Duration?)
    /// The same request would be refused again.
    case fail

    private static let maintenance = Duration.seconds(60)
    private static let callLimit = Duration.seconds(60)
    private static let throughput = Duration.seconds(5)
    private static let spamRestriction = Duration.seconds(3600)

    /// Judged by code; only what the table doesn't know is judged by `is_transient` and the HTTP status.
    init(of error: MetaError, status: Int, headers: FetchHeaders) {
        let asked = GraphWait.asked(by: headers)
        self =
            switch GraphErrorCode(error.code) {
            case .passing: .retry(after: asked)
            case .token: .pause(.account, for: nil)
            case .appLimit: .pause(.app, for: asked ?? Self.callLimit)
            case .callLimit: .pause(.number, for: asked ?? Self.callLimit)
            case .throughput: .pause(.number, for: asked ?? Self.throughput)
            case .maintenance: .pause(.number, for: asked ?? Self.maintenance)
            case .spamRestriction: .pause(.number, for: asked ?? Self.spamRestriction)
            case .pairRate: .pause(.pair, for: asked)
            case .permanent, .account: .fail
            case .unlisted where error.isTransient == true || status >= 500: .retry(after: asked)
            case .unlisted where status == 429: .pause(.number, for: asked ?? Self.callLimit)
            case .unlisted: .fail
            }
    }
}
