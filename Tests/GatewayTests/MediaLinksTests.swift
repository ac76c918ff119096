import Crypto
import Foundation
import SQL
import Testing
import WhatsApp

@testable import Gateway

/// Signed links: what they say, how long they hold, and who shares their key.
@Suite struct MediaLinksTests {
    private static let name = "0123456789abcdef0123456789abcdef.jpg"
    private static let path = "/uploads/whatsapp/\(name)"

    private func links(_ key: String = "one", lifetime: Int64 = 100, at seconds: Int64 = 1_000_000) -> MediaLinks {
        MediaLinks(
            keys: [SymmetricKey(data: SHA256.hash(data: Data(key.utf8)))], lifetime: lifetime,
            clock: Clock { seconds * 1000 })
    }

    private func query(_ link: String) -> (expires: String?, signature: String?) {
        let items = URLComponents(string: link)?.queryItems ?? []
        return (items.first { $0.name == "expires" }?.value, items.first { $0.name == "signature" }?.value)
    }

    private func judge(_ link: String, _ links: MediaLinks, name: String = name) -> MediaLinks.Verdict {
        let (expires, signature) = query(link)
        return links.judge(name: name, expires: expires, signature: signature)
    }

    @Test func `a link holds for its time and no longer`() {
        let link = links().signed(Self.path)
        #expect(link.hasPrefix(Self.path + "?expires=1000100&signature="))
        #expect(judge(link, links()) == .valid(secondsLeft: 100))
        #expect(judge(link, links(at: 1_000_099)) == .valid(secondsLeft: 1))
        #expect(judge(link, links(at: 1_000_100)) == .expired)
    }

    @Test func `within a tenth of its time a link stays the same`() {
        #expect(links(at: 1_000_000).signed(Self.path) == links(at: 1_000_009).signed(Self.path))
        #expect(links(at: 1_000_000).signed(Self.path) != links(at: 1_000_010).signed(Self.path))
        #expect(judge(links(lifetime: 1).signed(Self.path), links(lifetime: 1)) == .valid(secondsLeft: 1))
    }

    @Test func `no part of a link can be changed, left out or taken from another`() throws {
        let link = links().signed(Self.path)
        let (expires, signature) = query(link)
        let good = try #require(signature)
        #expect(judge(link, links(), name: "f" + Self.name.dropFirst()) == .forged)
        #expect(judge(link, links("two")) == .forged)
        let changed: [(String?, String?)] = [
            ("1000101", good), ("01000100", good), ("", good), (nil, good), (expires, nil), (expires, ""),
            (expires, String(good.dropLast())), (expires, good + "A"), (expires, good.uppercased()),
            (expires, String(good.reversed())), (expires, String(repeating: "A", count: 43)), (expires, good + "="),
        ]
        for (expires, signature) in changed {
            #expect(links().judge(name: Self.name, expires: expires, signature: signature) == .forged)
        }
    }

    @Test(arguments: ["https://example.org/a.jpg", "/uploads/whatsapp/../a", "/uploads/other/a.jpg", ""])
    func `what names no stored file is not signed`(path: String) {
        #expect(links().signed(path) == path)
    }

    @Test(arguments: Engines.all)
    func `gateways on one database share a key that nobody set`(_ engine: SQLEngine) async throws {
        try await Harness.run(engine) { lab in
            let clock = Clock { 1_000_000_000 }
            let first = try await MediaLinks.open(lifetime: 100, secrets: [], database: lab.database, clock: clock)
            let second = try await MediaLinks.open(lifetime: 100, secrets: [], database: lab.database, clock: clock)
            #expect(judge(first.signed(Self.path), second) == .valid(secondsLeft: 100))
            let (old, new) = (Secret("an older secret of ours"), Secret("a newer secret of ours"))
            let before = try await MediaLinks.open(lifetime: 100, secrets: [old], database: lab.database, clock: clock)
            let during = try await MediaLinks.open(
                lifetime: 100, secrets: [new, old], database: lab.database, clock: clock)
            let after = try await MediaLinks.open(lifetime: 100, secrets: [new], database: lab.database, clock: clock)
            #expect(judge(before.signed(Self.path), during) == .valid(secondsLeft: 100))
            #expect(judge(during.signed(Self.path), after) == .valid(secondsLeft: 100))
            #expect(judge(before.signed(Self.path), after) == .forged)
            #expect(judge(first.signed(Self.path), after) == .forged)
        }
    }
}
