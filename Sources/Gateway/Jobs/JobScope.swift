/// Which jobs an operator speaks of: those of one account or of all, of one kind or of all.
package struct JobScope: Sendable, Hashable {
    package let account: AccountID?
    package let kind: String?

    /// The kinds of jobs that there are.
    package static let kinds = Job.Kind.allCases.map(\.rawValue)

    /// - Throws: `.invalid` for a kind that there is not, and for what no account is called.
    package init(account: AccountID? = nil, kind: String? = nil) throws(GatewayError) {
        if let kind, Job.Kind(rawValue: kind) == nil {
            throw GatewayError(
                .invalid, "`kind` must be one of \(Self.kinds.joined(separator: ", "))", data: ["field": "kind"])
        }
        if let account {
            let name = account.rawValue.utf8
            guard (1...255).contains(name.count), name.allSatisfy({ (0x21...0x7e).contains($0) }) else {
                throw GatewayError(
                    .invalid, "`account` must be the name of an account", data: ["field": "account"])
            }
        }
        self.account = account
        self.kind = kind
    }

    init(storedAccount: AccountID?, kind: String?) {
        account = storedAccount
        self.kind = kind
    }

    /// As the tables hold it: empty for all.
    var columns: (account: String, kind: String) { (account?.rawValue ?? "", kind ?? "") }
}

/// What an operator holds back, and since when.
package struct JobPause: Sendable {
    package let scope: JobScope
    package let since: Milliseconds
}
