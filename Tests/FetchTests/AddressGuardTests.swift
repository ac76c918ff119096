import Foundation
import Testing

@testable import Fetch

@Suite struct AddressGuardTests {
    @Test(arguments: [
        "0.0.0.0", "0.1.2.3", "10.0.0.1", "10.255.255.255", "100.64.0.1", "100.127.255.255", "127.0.0.1", "127.9.9.9",
        "169.254.169.254", "172.16.0.1", "172.31.255.255", "192.0.0.8", "192.0.2.1", "192.88.99.1", "192.168.1.1",
        "198.18.0.1", "198.19.255.255", "198.51.100.7", "203.0.113.9", "224.0.0.1", "239.1.1.1", "240.0.0.1",
        "255.255.255.255",
        "::", "::1", "fe80::1", "febf::1", "fc00::1", "fdff::1", "fec0::1", "ff02::1", "::ffff:127.0.0.1",
        "::ffff:8.8.8.8", "::8.8.8.8", "64:ff9b::808:808", "64:ff9b:1::1", "2002:808:808::1", "2001::1", "2001:2::1",
        "2001:db8::1", "100::1", "3fff::1", "3fff:fff::1", "4000::1",
    ])
    func `an address that is not of the public internet is none`(text: String) throws {
        #expect(!AddressGuard.isPublic(try #require(IPAddress(text)).bytes))
    }

    @Test(arguments: [
        "1.1.1.1", "8.8.8.8", "9.255.255.255", "11.0.0.0", "100.63.255.255", "100.128.0.0", "126.255.255.255",
        "128.0.0.1", "169.253.1.1", "169.255.1.1", "172.15.255.255", "172.32.0.0", "192.0.1.1", "192.167.1.1",
        "192.169.1.1", "198.17.1.1", "198.20.0.0", "223.255.255.255", "157.240.1.1",
        "2606:4700::1111", "2a03:2880:f003::1", "2001:4860:4860::8888", "2001:200::1", "2003::1",
    ])
    func `a public address is one`(text: String) throws {
        #expect(AddressGuard.isPublic(try #require(IPAddress(text)).bytes))
    }

    @Test func `bytes that are no address are not public`() {
        for count in [0, 3, 5, 15, 17] { #expect(!AddressGuard.isPublic([UInt8](repeating: 8, count: count))) }
    }

    @Test(arguments: ["example.org", "Example.org:8443", "10.0.0.5", "10.0.0.5:80", "::1", "[::1]", "[::1]:8080", "s3"])
    func `a host, with or without a port, is a readable entry`(entry: String) {
        #expect(AddressGuard.isReadable(entry))
    }

    @Test(arguments: [
        "", ":80", "a:b", "a:0", "a:65536", "http://a", "a/b", "a b", "[a]", "[::1", "::1]", "10.0.0.0/8", "*.a",
        "a:1:2",
    ])
    func `anything else is not`(entry: String) {
        #expect(!AddressGuard.isReadable(entry))
    }

    @Test(arguments: [
        "127.0.0.1", "localhost", "2130706433", "0x7f000001", "0177.0.0.1", "127.1", "[::ffff:127.0.0.1]", "0.0.0.0",
    ])
    func `no way of writing loopback gets through`(host: String) async throws {
        let server = try await RawServer { _ in [.answer()] }
        let error = await failure { () async throws(FetchError) in
            try await client().send(get("http://\(host):\(server.port)/") { $0.addressGuard = AddressGuard() })
        }
        #expect(error == .addressNotAllowed)
        #expect(server.connections == 0)
    }

    @Test func `an allowed host gets through on its port alone`() async throws {
        let server = try await RawServer { _ in [.answer()] }
        let port = server.port
        let status = { (host: String, allow: [String], ports: Set<Int>?) async throws(FetchError) -> Int in
            try await client().send(
                get("http://\(host):\(port)/") { $0.addressGuard = AddressGuard(allow: allow, ports: ports) }
            ).status
        }
        #expect(try await status("127.0.0.1", ["127.0.0.1"], nil) == 200)
        #expect(try await status("127.0.0.1", ["127.0.0.1:\(port)"], [443]) == 200)
        #expect(try await status("localhost", ["LocalHost:\(port)"], [443]) == 200)
        #expect(try await status("localhost", ["127.0.0.1"], [443]) == 200, "an address admits the names for it")
        for (host, entry) in [
            ("127.0.0.1", "127.0.0.1:\(port + 1)"), ("127.0.0.1", "localhost"), ("localhost", "host"),
        ] {
            let error = await failure { () async throws(FetchError) in try await status(host, [entry], nil) }
            #expect(error == .addressNotAllowed, "\(entry) let \(host) through")
        }
        #expect(server.requests.count == 4)
    }

    @Test func `a port or scheme outside the lists is refused before anything is resolved`() async throws {
        let label = String(repeating: "a", count: 64)  // would be couldNotResolve
        let address = AddressGuard(ports: [443], schemes: ["https"])
        for url in ["https://\(label).invalid:8443/", "http://\(label).invalid:443/"] {
            let error = await failure { () async throws(FetchError) in
                try await client().send(get(url) { $0.addressGuard = address })
            }
            #expect(error == .addressNotAllowed)
        }
    }

    @Test func `a redirect to a closed address is refused`() async throws {
        let inner = try await RawServer { _ in [.answer("200 OK", "", "secret")] }
        let outer = try await RawServer { _ in [.redirect(to: "\(inner.url)/")] }
        let error = await failure { () async throws(FetchError) in
            try await client().send(
                get(outer.url) {
                    $0.redirects = 3
                    $0.addressGuard = AddressGuard(allow: ["127.0.0.1:\(outer.port)"])
                })
        }
        #expect(error == .addressNotAllowed)
        #expect(outer.requests.count == 1)
        #expect(inner.connections == 0)
    }

    @Test func `a pooled connection of an unguarded request is no way around`() async throws {
        let server = try await RawServer { _ in [.answer()] }
        let client = client()
        #expect(try await client.send(get("http://localhost:\(server.port)/")).status == 200)
        let error = await failure { () async throws(FetchError) in
            try await client.send(get("http://localhost:\(server.port)/") { $0.addressGuard = AddressGuard() })
        }
        #expect(error == .addressNotAllowed)
        #expect(server.requests.count == 1)
    }

    @Test func `a proxy of the environment is not used`() async throws {
        // Set for the whole process, which is harmless exactly because no request may follow it.
        setenv("http_proxy", "http://127.0.0.1:1", 1)
        let server = try await RawServer { _ in [.answer()] }
        #expect(try await client().send(get(server.url)).status == 200)
    }
}
