import Crypto
import SQL

/// What was erased must not come in again, by whatever way: a delivery once more, a replay, the spool, a history. Of each
/// erased message a hash of its identity stays, and nothing else.
enum ErasedMessages {
    private static func digest(_ identity: MessageIdentity) -> String {
        let kind = identity.hasWhatsAppID ? "id" : "item"
        return SHA256.hash(data: Array("\(identity.account.rawValue)\n\(kind)\n\(identity.key)".utf8)).hexadecimal
    }

    static func keep(_ identities: some Sequence<MessageIdentity>, at now: Milliseconds, _ session: SQLSession) throws {
        var rows = SQLRows([("digest", .text), ("now", .bigint)])
        for digest in Set(identities.map(digest)).sorted() { rows.append([.text(digest), .integer(now)]) }
        _ = try session.batch(
            """
            INSERT INTO erased_messages (digest, erased_at) SELECT r.digest, r.now FROM {rows} WHERE true
            ON CONFLICT DO NOTHING
            """, rows)
    }

    /// Which of these were erased. Asks now and gives the answer when it is called.
    static func request(
        _ identities: some Sequence<MessageIdentity>, _ session: SQLSession
    ) throws -> () throws -> Set<MessageIdentity> {
        let byDigest = Dictionary(identities.map { (digest($0), $0) }) { first, _ in first }
        var rows = SQLRows([("digest", .text)])
        for digest in byDigest.keys { rows.append([.text(digest)]) }
        let answer = try session.send(
            "SELECT r.digest FROM {rows} JOIN erased_messages e ON e.digest = r.digest", rows)
        return { Set(try answer.rows().compactMap { byDigest[try $0.text("digest")] }) }
    }
}
