import HTTPTypes
import HummingbirdCore
import Testing
import WhatsApp

@testable import Vestibule

/// How the parts of a request are read.
@Suite struct RequestTests {
    private func query(_ text: String, _ allowed: [String]? = ["limit", "before"]) throws(RequestFailure) -> QueryReader
    {
        try QueryReader(URI("/x?\(text)"), allowed: allowed)
    }

    @Test func `a query is decoded, and a plus is a space`() throws {
        let query = try query("hub.challenge=abc%2Bdef%20%3C1%3E+x&empty=&bare", nil)
        #expect(query.text("hub.challenge") == "abc+def <1> x")
        #expect(query.text("empty") == "")
        #expect(query.text("bare") == "")
        #expect(query.text("absent") == nil)
    }

    @Test(arguments: ["foo=1", "limit=1&limit=2", "limit=%zz", "limit=%", "limit=%ff", "limit=1&%00=2"])
    func `unknown, repeated and undecodable parameters are refused`(text: String) {
        #expect(throws: RequestFailure.self) { try query(text) }
    }

    @Test(arguments: [
        "limit=0", "limit=1001", "limit=", "limit=x", "limit=1.0", "limit=+5", "limit=%205",
        "limit=99999999999999999999",
    ])
    func `a limit out of bounds is refused by name`(text: String) throws {
        let query = try query(text)
        let failure = #expect(throws: RequestFailure.self) { try query.limit(default: 50) }
        #expect(failure?.data["field"] == "limit")
        #expect(failure?.status == .badRequest)
    }

    @Test func `a limit is the standard one when absent`() throws {
        #expect(try query("").limit(default: 50) == 50)
        #expect(try query("limit=1000").limit(default: 50) == 1000)
    }

    @Test func `a path's plus stays a plus`() {
        #expect(PercentDecoding.decode("+1555") == "+1555")
        #expect(PercentDecoding.decode("%2B1555") == "+1555")
        #expect(PercentDecoding.decode("%E2%82%AC") == "€")
        #expect(PercentDecoding.decode("%E2%82") == nil)
        #expect(PercentDecoding.decode("%2") == nil)
    }

    @Test func `a sane request id is kept, any other replaced`() {
        #expect(RequestID.take("trace-1.2_3") == "trace-1.2_3")
        for id in [nil, "", "a b", "a\nb", "ä", String(repeating: "a", count: 129)] {
            let taken = RequestID.take(id)
            #expect(taken != id)
            #expect(taken.utf8.count == 32)
        }
    }

    @Test func `the log's path hides what names a person or a file`() {
        let messages = "/whatsapp/messages/{phoneNumber}"
        #expect(
            RequestPath.masked("/whatsapp/messages/%2B15550100001", template: messages) == "/whatsapp/messages/…0001")
        #expect(
            RequestPath.masked("/rooms/whatsapp_15550100001/read", template: "/rooms/{name}/read")
                == "/rooms/…0001/read")
        #expect(RequestPath.masked("/rooms/abc", template: "/rooms/{name}") == "/rooms/…")
        #expect(RequestPath.masked("/whatsapp/15550100001/x", template: nil) == "/whatsapp/…0001/x")
        #expect(RequestPath.masked("/health", template: "/health") == "/health")
        #expect(RequestPath.template("NotFound") == "unmatched")
    }

    @Test func `a wrong method is told from a wrong path`() {
        let respond: Route.Responder = { _, _ in Response(status: .ok) }
        let index = RouteIndex([
            Route(.get, "/rooms", respond: respond), Route(.get, "/rooms/{name}/messages", respond: respond),
            Route(.post, "/rooms/{name}/messages", respond: respond),
        ])
        #expect(index.methods(for: "/rooms") == ["GET", "HEAD"])
        #expect(index.methods(for: "/rooms/x/messages") == ["GET", "HEAD", "POST"])
        #expect(index.methods(for: "/rooms/x") == [])
        #expect(index.methods(for: "/") == [])
    }
}

@Suite struct APIKeyTests {
    private let keys = APIKeys(keys: [Secret("first-key-0123456"), Secret("second-key-012345")])

    @Test(arguments: ["first-key-0123456", "second-key-012345"])
    func `each key opens, in either header`(key: String) throws {
        try keys.check([.authorization: "Bearer \(key)"])
        try keys.check([.authorization: "bearer \(key)"])
        try keys.check([.apiKey: key])
    }

    @Test(
        arguments: [
            [:], [.authorization: "Bearer "], [.authorization: "first-key-0123456"],
            [.authorization: "Basic first-key-0123456"],
            [.apiKey: "first-key-012345"], [.apiKey: "first-key-01234567"], [.apiKey: ""],
            [.apiKey: "wrong-key-0123456", .authorization: "Bearer first-key-0123456"],
        ] as [HTTPFields])
    func `anything else is refused with 401`(headers: HTTPFields) {
        let failure = #expect(throws: RequestFailure.self) { try keys.check(headers) }
        #expect(failure?.status == .unauthorized)
        #expect(failure?.headers[.wwwAuthenticate] == "Bearer")
    }

    @Test func `a server without keys asks for none`() throws {
        try APIKeys(keys: []).check([:])
    }
}
