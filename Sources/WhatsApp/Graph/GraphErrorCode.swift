/// Meta's error codes, sorted by what a sender has to do.
enum GraphErrorCode {
    /// Meta's own trouble, over in seconds to minutes.
    case passing
    /// The access token, or who stands behind it, is no longer taken.
    case token
    /// The account itself may not send: a right is missing, it is locked or blocked, or it has not paid.
    case account
    case appLimit, callLimit, throughput, maintenance, spamRestriction, pairRate
    /// In Meta's table, and no repetition helps.
    case permanent
    /// Not in the table, or no code at all.
    case unlisted

    init(_ code: Int?) {
        guard let code else {
            self = .unlisted
            return
        }
        self =
            switch code {
            case 1, 2, 131000, 131016, 133004, 134102: .passing
            case 0, 102, 104, 190: .token
            case 10, 200...299, 368, 131005, 131031, 131042: .account
            case 4, 17, 341: .appLimit
            case 613, 80007, 80008: .callLimit
            case 130429: .throughput
            case 131057, 2_494_100: .maintenance
            case 131048: .spamRestriction
            case 131056, 131208: .pairRate
            case 3, 33, 100, 2500: .permanent
            case 130403, 130472, 130497, 130501: .permanent
            case 131005...131009, 131020...131055, 131059...131064, 131201...131215: .permanent
            case 132000...132069, 133000...133016, 134011, 134100, 134101, 135000, 136024, 137000: .permanent
            case 138000...138025, 139000...139004, 139100...139103, 147001...147005: .permanent
            case 200_005...200_007, 2_388_000...2_388_999, 2_593_107...2_593_109: .permanent
            default: .unlisted
            }
    }
}

extension MetaError {
    /// Whether a send may have been refused because Meta no longer has the file that it names. Meta says so by codes that
    /// stand for other faults of a request as well.
    package var canMeanLostMedia: Bool {
        switch code {
        case 33, 100, 131_009, 131_052, 131_053: true
        default: false
        }
    }
}
