import HTTPTypes
import Testing

@testable import Vestibule

/// A server without keys is for the programs of its machine, not for every page that a browser there shows.
@Suite struct KeylessAccessTests {
    private func isAnswered(_ authority: String?, _ headers: HTTPFields = [:], isLoopback: Bool = true) -> Bool {
        let head = HTTPRequest(
            method: .post, scheme: "http", authority: authority, path: "/whatsapp/send", headerFields: headers)
        do {
            try KeylessAccess(isLoopback: isLoopback).check(head)
            return true
        } catch {
            #expect(error.status == .forbidden)
            return false
        }
    }

    @Test(arguments: [nil, "", "127.0.0.1:3000", "127.0.0.1", "localhost:3000", "LOCALHOST", "127.9.9.9", "[::1]:3000"])
    func `a program on the machine is answered`(authority: String?) {
        #expect(isAnswered(authority))
    }

    @Test(arguments: [
        "rebound.example:3000", "gateway.ngrok.example", "10.0.0.1:3000", "127.0.0.1.example", "a@127.0.0.1",
    ])
    func `under another name than a loopback address nobody is, if only that is listened on`(authority: String) {
        #expect(!isAnswered(authority))
        #expect(isAnswered(authority, isLoopback: false))
    }

    @Test(arguments: [true, false])
    func `a page of another site is refused, one of the server's own is not`(isLoopback: Bool) {
        let own = "127.0.0.1:3000"
        for origin in ["http://evil.example", "http://127.0.0.1:4000", "http://localhost:3000", "null", ""] {
            #expect(!isAnswered(own, [.origin: origin], isLoopback: isLoopback))
        }
        for site in ["cross-site", "same-site", "x"] {
            #expect(!isAnswered(own, [.secFetchSite: site], isLoopback: isLoopback))
        }
        #expect(
            isAnswered(own, [.origin: "http://127.0.0.1:3000", .secFetchSite: "same-origin"], isLoopback: isLoopback))
        #expect(isAnswered(own, [.secFetchSite: "none"], isLoopback: isLoopback))
    }
}
