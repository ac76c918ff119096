import Foundation
import Testing

@testable import Fetch

/// The table of `HostileAddresses`: none of them leads to a connection, which a listener on every address counts.
@Suite(.timeLimit(.minutes(5))) struct HostileAddressTests {
    private static let refusals: Set<String> = ["addressNotAllowed", "invalidURL", "couldNotResolve"]

    private func refused(_ error: FetchError?) -> Bool {
        error.map { error in Self.refusals.contains { "\(error)".hasPrefix($0) } } ?? false
    }

    private func listener() async throws -> RawServer { try await RawServer(host: "::") { _ in [.answer()] } }

    @Test func `the table has its sixty forms, each once`() {
        #expect(HostileAddresses.all.count >= 60)
        #expect(Set(HostileAddresses.all).count == HostileAddresses.all.count)
    }

    @Test func `unguarded, the forms for this machine do lead to it`() async throws {
        let server = try await listener()
        var unresolved: [String] = []
        for host in HostileAddresses.reachable {
            let before = server.connections
            do throws(FetchError) {
                #expect(try await client().send(get("http://\(host):\(server.port)/")).status == 200, "\(host)")
                #expect(server.connections == before + 1, "\(host)")
            } catch {
                #expect(error == .couldNotResolve, "\(host)")
                unresolved.append(host)
            }
        }
        // Not every machine's resolver knows each spelling.
        #expect(unresolved.count <= 4, "\(unresolved)")
    }

    @Test func `guarded, none leads to a connection`() async throws {
        let server = try await listener()
        let client = client()
        let urls =
            HostileAddresses.all.map { "http://\($0):\(server.port)/" }
            + HostileAddresses.schemes.map { $0.replacing("{port}", with: String(server.port)) }
        for url in urls {
            let error = await failure { () async throws(FetchError) in
                try await client.send(
                    get(url) {
                        $0.addressGuard = AddressGuard()
                        $0.redirects = 3
                    })
            }
            #expect(refused(error), "\(url): \(error.map { "\($0)" } ?? "no error")")
        }
        #expect(server.connections == 0)
    }

    @Test func `nor does a redirect to any of them`() async throws {
        let inner = try await listener()
        let targets =
            HostileAddresses.all.map { "http://\($0):\(inner.port)/" }
            + HostileAddresses.schemes.filter { !$0.isEmpty }.map { $0.replacing("{port}", with: String(inner.port)) }
        let outer = try await RawServer { request in
            guard let index = Int(request.path.dropFirst()), targets.indices.contains(index) else {
                return [.answer("404 Not Found")]
            }
            return [.redirect(to: targets[index])]
        }
        let client = client()
        for (index, target) in targets.enumerated() {
            let request = get("\(outer.url)/\(index)") {
                $0.redirects = 3
                $0.addressGuard = AddressGuard(allow: ["127.0.0.1:\(outer.port)"])
            }
            do {
                // What is no absolute address is one of the redirecting server's own.
                #expect(try await client.send(request).status == 404, "\(target)")
            } catch {
                #expect(refused(error) || "\(error)".hasPrefix("other"), "\(target): \(error)")
            }
        }
        #expect(outer.requests.count >= targets.count)
        #expect(inner.connections == 0)
    }

    @Test func `ports outside the list are closed on every address`() async throws {
        let server = try await listener()
        for host in ["8.8.8.8", "[2606:4700::1111]", "127.0.0.1", "localhost"] {
            for port in [0, 21, 22, 25, 81, 3000, 5432, 6379, 11_211, 27_017, 65_535, server.port] {
                let error = await failure { () async throws(FetchError) in
                    try await client().send(
                        get("http://\(host):\(port)/") {
                            $0.addressGuard = AddressGuard(ports: [80, 443, 8080, 8443])
                        })
                }
                #expect(refused(error), "\(host):\(port)")
            }
        }
        #expect(server.connections == 0)
    }
}
