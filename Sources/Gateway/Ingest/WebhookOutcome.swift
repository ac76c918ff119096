/// What became of one webhook, as its raw event tells.
struct WebhookOutcome: Sendable {
    enum State: String {
        case processed
        /// Some items could not be understood; they stand in the raw body.
        case partial
        /// For a number that no account has.
        case unrouted
        /// Nothing of the body could be used.
        case failed
    }

    private(set) var state: State
    private(set) var reason: String?
    let items: Int

    init(problem: String?, items: Int) {
        state = problem == nil ? .processed : .failed
        reason = problem
        self.items = items
    }

    mutating func unsupported(_ reason: String) {
        guard state == .processed else { return }
        state = .partial
        self.reason = reason
    }

    mutating func unrouted(_ phoneNumberID: String) {
        guard state != .failed else { return }
        state = .unrouted
        reason = "no account has the phone number id \(phoneNumberID)"
    }
}
