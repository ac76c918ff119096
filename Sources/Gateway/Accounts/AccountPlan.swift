/// How much of the gateways' attention an account's jobs get while more wait than can be worked on.
package enum AccountPlan: String, Sendable, CaseIterable {
    case standard, premium, enterprise

    /// Turns that accounts of this plan get together, against those of the other plans.
    var weight: Double {
        switch self {
        case .standard: 1
        case .premium: 3
        case .enterprise: 9
        }
    }
}
