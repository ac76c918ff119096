import Crypto
import SQL
import WhatsApp

/// Who was erased, as hashes. What they had written before may still wait in the spool of some gateway: it is left out
/// when it is brought in. What they write afterwards is a new customer's.
enum ErasedPeople {
    private static func digest(_ name: String, _ account: AccountID?) -> String {
        SHA256.hash(data: Array("\(account?.rawValue ?? "")\n\(name)".utf8)).hexadecimal
    }

    /// - Parameters:
    ///   - names: numbers in digits, and ids.
    ///   - account: nil for all.
    static func keep(
        _ names: Set<String>, of account: AccountID?, at now: Milliseconds, _ session: SQLSession
    ) throws {
        let forms = names.union(names.flatMap { PhoneNumber($0)?.variants ?? [] })
        var rows = SQLRows([("digest", .text), ("now", .bigint)])
        for digest in forms.map({ digest($0, account) }).sorted() { rows.append([.text(digest), .integer(now)]) }
        _ = try session.batch(
            """
            INSERT INTO erased_people (digest, erased_at) SELECT r.digest, r.now FROM {rows} WHERE true
            ON CONFLICT (digest) DO UPDATE SET erased_at = excluded.erased_at
            """, rows)
    }

    /// The webhooks without what those in it had written who were erased since.
    static func leftOut(
        of webhooks: [ReceivedWebhook], _ accounts: AccountDirectory, _ session: SQLSession
    ) throws -> [ReceivedWebhook] {
        let spooled = webhooks.filter(\.isSpooled).map { Suspects($0, accounts) }
        var rows = SQLRows([("digest", .text)])
        for digest in Set(spooled.flatMap(\.byDigest.keys)) { rows.append([.text(digest)]) }
        let found = try session.batch(
            "SELECT e.digest, e.erased_at FROM {rows} JOIN erased_people e ON e.digest = r.digest", rows)
        guard !found.isEmpty else { return webhooks }
        let times = Dictionary(
            uniqueKeysWithValues: try found.map { (try $0.text("digest"), try $0.integer("erased_at")) })
        let left = Dictionary(spooled.map { ($0.webhook.digest, $0) }) { first, _ in first }
        return webhooks.compactMap { webhook in
            webhook.isSpooled ? left[webhook.digest]?.webhook(erased: times) : webhook
        }
    }

    /// Whoever is named in a webhook, for all accounts and for each that it is for.
    private struct Suspects {
        let webhook: ReceivedWebhook
        private(set) var byDigest: [String: (name: String, numberID: String?)] = [:]

        init(_ webhook: ReceivedWebhook, _ accounts: AccountDirectory) {
            self.webhook = webhook
            let numberIDs = Set(webhook.webhook.items.compactMap(\.phoneNumberID))
            for name in RawEventRedaction.people(in: webhook.body) {
                byDigest[digest(name, nil)] = (name, nil)
                for id in numberIDs {
                    guard let account = accounts.find(phoneNumberID: id) else { continue }
                    byDigest[digest(name, account.id)] = (name, id)
                }
            }
        }

        /// - Returns: nil when nothing is left of it.
        func webhook(erased: [String: Milliseconds]) -> ReceivedWebhook? {
            var names: [String?: Set<String>] = [:]
            for (digest, suspect) in byDigest {
                guard let time = erased[digest], time >= webhook.receivedAt else { continue }
                names[suspect.numberID, default: []].insert(suspect.name)
            }
            var left: ReceivedWebhook? = webhook
            for (numberID, people) in names {
                left = left?.redacted(
                    by: RawEventRedaction(people: people, numberIDs: numberID.map { [$0] }))
            }
            return left
        }
    }
}
