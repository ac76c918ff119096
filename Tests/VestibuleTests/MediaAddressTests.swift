import Fetch
import Foundation
import JSON
import Testing

@testable import Simulator

/// What a caller learns of a `mediaUrl` that leads inside. Every form of address is tried in `HostileAddressTests`.
@Suite(.timeLimit(.minutes(5)))
struct MediaAddressTests {
    private static let phone = "+15550100001"

    private static func send(_ site: Site, _ url: String) async throws -> FetchResponse {
        try await site.call(
            "POST", "/whatsapp/send",
            ["phoneNumber": .string(phone), "mediaType": "image", "mediaUrl": .string(url)])
    }

    @Test func `an address that is not allowed is named by its field, and nothing more is told`() async throws {
        try await FileHost.run([:]) { host in
            try await Site.run { site in
                _ = try await site.meta.say("Hello", from: Self.phone)
                try await site.messages(Self.phone, "the window is open") { $0.count == 1 }
                let hosts = [
                    "127.0.0.1:\(host.port)", "localhost:\(host.port)", "[::1]:8080", "127.0.0.1", "169.254.169.254",
                    "[fd00:ec2::254]", "10.0.0.1", "[64:ff9b::7f00:1]", "2130706433:8080", "8.8.8.8:\(host.port)",
                ]
                for url in hosts.map({ "http://\($0)/a.jpg" }) {
                    let answer = try await Self.send(site, url)
                    #expect(answer.status == 422 && answer.errorCode == "MEDIA_REJECTED", "\(url): \(answer.text)")
                    #expect(answer.errorMessage == "address not allowed", "\(url)")
                    #expect(answer.json["error"]?["data"] == ["field": "mediaUrl"], "\(url)")
                }
                #expect(host.requested.isEmpty)
            }
        }
    }

    @Test func `a name that resolves to another address the second time gains nothing, and no proxy is asked`()
        async throws
    {
        let picture = FileHost.File(bytes: try #require(SampleMedia.of("image")).bytes, type: "image/jpeg")
        try await FileHost.run(["/a.jpg": picture]) { open in
            try await FileHost.run([:]) { inner in
                try await Resolver.run { resolver in
                    // What stands for the public internet is the one address that is allowed, on one port.
                    let environment = [
                        "MEDIA_FETCH_ALLOW": "127.0.0.1:\(open.port)", "LD_PRELOAD": resolver.library,
                        "RESOLVER_ANSWER": resolver.answerFile, "http_proxy": inner.origin, "HTTP_PROXY": inner.origin,
                        "all_proxy": inner.origin, "ALL_PROXY": inner.origin,
                    ]
                    try await Site.run(environment: environment) { site in
                        _ = try await site.meta.say("Hello", from: Self.phone)
                        try await site.messages(Self.phone, "the window is open") { $0.count == 1 }
                        try resolver.answer("127.0.0.1")
                        let first = try await Self.send(site, "http://one.rebinding.test:\(open.port)/a.jpg")
                        #expect(first.status == 200, "\(first.text)")
                        // Every answer but the allowed one is refused, alone or beside it.
                        for (index, address) in ["127.0.0.2", "0.0.0.0", "10.0.0.1", "169.254.169.254"].enumerated() {
                            try resolver.answer(address)
                            let later = try await Self.send(site, "http://n\(index).rebinding.test:\(open.port)/a.jpg")
                            #expect(later.errorMessage == "address not allowed", "\(address): \(later.text)")
                        }
                        #expect(open.requested == ["/a.jpg"])
                        #expect(inner.requested.isEmpty)
                    }
                }
            }
        }
    }
}

/// Answers a program's look-ups of names under `rebinding.test` with what a file says at that moment: a library that
/// is loaded before the system's.
struct Resolver: Sendable {
    let library: String
    let answerFile: String

    private static let source = """
        #define _GNU_SOURCE
        #include <dlfcn.h>
        #include <netdb.h>
        #include <stdio.h>
        #include <stdlib.h>
        #include <string.h>

        int getaddrinfo(const char *node, const char *service, const struct addrinfo *hints, struct addrinfo **result) {
            int (*real)(const char *, const char *, const struct addrinfo *, struct addrinfo **) =
                dlsym(RTLD_NEXT, "getaddrinfo");
            char address[64] = "";
            if (node && strstr(node, ".rebinding.test")) {
                FILE *file = fopen(getenv("RESOLVER_ANSWER"), "r");
                if (!file || fscanf(file, "%63s", address) != 1) return EAI_NONAME;
                fclose(file);
                struct addrinfo numeric = {0};
                if (hints) numeric = *hints;
                numeric.ai_family = AF_UNSPEC;
                numeric.ai_flags = AI_NUMERICHOST;
                return real(address, service, &numeric, result);
            }
            return real(node, service, hints, result);
        }
        """

    static func run(_ body: (Resolver) async throws -> Void) async throws {
        try await withFolder { folder in
            let code = folder.appending(path: "resolver.c")
            let library = folder.appending(path: "resolver.so").path
            try Data(source.utf8).write(to: code)
            let compiler = Process()
            compiler.executableURL = URL(fileURLWithPath: "/usr/bin/cc")
            compiler.arguments = ["-shared", "-fPIC", "-o", library, code.path, "-ldl"]
            try compiler.run()
            compiler.waitUntilExit()
            try #require(compiler.terminationStatus == 0)
            try await body(Resolver(library: library, answerFile: folder.appending(path: "answer").path))
        }
    }

    func answer(_ address: String) throws {
        try Data(address.utf8).write(to: URL(fileURLWithPath: answerFile))
    }
}
