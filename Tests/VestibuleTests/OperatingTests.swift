import Fetch
import Foundation
import JSON
import SQL
import Testing

@testable import Simulator

@Suite(.timeLimit(.minutes(10)))
struct OperatingTests {
    private static let phone = "+15550100001"

    @Test func `a killed gateway leaves nothing in shared memory`() async throws {
        try await Site.run(.sqlite) { site in
            let process = site.program.processID
            await site.kill()
            let left = try FileManager.default.contentsOfDirectory(atPath: "/dev/shm")
            #expect(!left.contains { $0.hasSuffix("-\(process)") })
        }
    }

    // MARK: Questions of operators

    @Test(arguments: Storage.available)
    func `health, readiness, metrics and the description are there`(_ storage: Storage) async throws {
        try await Site.run(storage) { site in
            _ = try await site.meta.say("Hello", from: Self.phone)
            try await site.messages(Self.phone, "the customer's word is there") { !$0.isEmpty }
            #expect(try await site.get("/health").json == ["status": "ok"])
            #expect(try await site.call("HEAD", "/health").status == 200)

            let ready = try await site.get("/ready")
            #expect(ready.status == 200 && ready.json["status"] == "ready", "\(ready.text)")
            let dependencies = ready.json["dependencies"]?.array ?? []
            #expect(dependencies.allSatisfy { $0["ok"] == true && ($0["milliseconds"]?.double ?? -1) >= 0 })
            let names = dependencies.compactMap { $0["name"]?.string }
            #expect(names.contains("database") && names.contains("uploads"))
            #expect(names.contains("mongodb") == (storage == .postgresAndMongo))

            let metrics = try await site.get("/metrics")
            #expect(metrics.status == 200)
            #expect(metrics.headers.first("Content-Type")?.hasPrefix("text/plain; version=0.0.4") == true)
            let lines = metrics.text.split(separator: "\n")
            #expect(lines.contains { $0.hasPrefix("vestibule_") && $0.contains("requests") })
            #expect(lines.contains { $0.hasPrefix("vestibule_jobs{") })
            #expect(!metrics.text.contains("15550100001"))
            for line in lines where !line.hasPrefix("#") {
                #expect(line.wholeMatch(of: /[a-z_]+(\{.*\})? [-+.eE0-9]+(Inf)?/) != nil, "\(line)")
            }

            let description = try await site.get("/openapi.yaml")
            #expect(description.status == 200 && description.text.hasPrefix("openapi: 3."))
            for path in ["/whatsapp/send:", "/whatsapp/webhook:", "/rooms/{name}/messages:", "/metrics:"] {
                #expect(description.text.contains("\n  \(path)"), "\(path)")
            }
        }
    }

    @Test func `a dependency that is away shows in readiness, and health stays`() async throws {
        try await Site.run(environment: ["MONGODB_URI": "mongodb://127.0.0.1:1/none"]) { site in
            _ = try await site.meta.say("Hello", from: Self.phone)
            try await site.messages(Self.phone, "SQL has it all the same") { !$0.isEmpty }
            let ready = try await site.get("/ready")
            #expect(ready.status == 200 && ready.json["status"] == "degraded", "\(ready.text)")
            let mongo = ready.json["dependencies"]?.array?.first { $0["name"] == "mongodb" }
            #expect(mongo?["ok"] == false && mongo?["detail"]?.string?.isEmpty == false)
            #expect(try await site.get("/health").status == 200)
        }
    }

    @Test func `every answer bears a request id, the caller's own when it is a sane one`() async throws {
        try await Site.run { site in
            for (path, status) in [("/health", 200), ("/nothing", 404), ("/rooms?limit=0", 400)] {
                let own = try await site.get(path, headers: [("X-Request-Id", "trace-42.a_b")])
                #expect(own.status == status && own.headers.first("X-Request-Id") == "trace-42.a_b")
                let made = try await site.get(path, headers: [("X-Request-Id", "not sane; \"x\"")])
                let id = try #require(made.headers.first("X-Request-Id"))
                #expect(id.wholeMatch(of: /[0-9a-f]{32}/) != nil, "\(id)")
                #expect(made.headers.first("X-Content-Type-Options") == "nosniff")
            }
            #expect(site.program.log.contains("request.id=trace-42.a_b"))
        }
    }

    // MARK: The log

    @Test(arguments: Storage.engines, ["text", "json"])
    func `no secret, message text, name, file or full number stands in the log of a whole run`(
        _ storage: Storage, _ format: String
    ) async throws {
        let key = "log-test-key-0123456789"
        let environment = ["API_KEYS": key, "LOG_LEVEL": "trace", "LOG_FORMAT": format]
        let words = Words()
        var simulated = SimulatorSettings()
        simulated.accessToken = words.token
        simulated.appSecret = words.secret
        simulated.verifyToken = words.verify
        try await Site.run(storage, environment: environment, simulated: simulated) { site in
            try await talk(site, key, words)
            try await site.stop()
            let log = site.program.log + site.program.printed
            #expect(log.contains("stopped") && log.contains("request"))
            for (name, value) in words.all + [("API key", key), ("number", "15550100001")] {
                #expect(!log.contains(value), "\(name) stands in the log")
            }
            for line in log.split(separator: "\n") where format == "json" {
                let parsed = try #require(try? JSON(parsing: line.utf8), "no JSON: \(line)")
                #expect(parsed["time"] != nil && parsed["level"] != nil && parsed["message"] != nil)
            }
        }
    }

    /// What must not be logged, each found nowhere else.
    private struct Words: Sendable {
        let token = "EAAtokentokentoken42"
        let secret = "appsecretappsecret42"
        let verify = "verifyverifyverify42"
        let name = "Zacharias Quux"
        let incoming = "a word in confidence"
        let outgoing = "an answer in confidence"
        let caption = "caption in confidence"
        let fileName = "confidential-file.pdf"
        let wrongKey = "wrong-key-in-header-42"
        let refused = "refused text in confidence"

        var all: [(String, String)] {
            [
                ("token", token), ("app secret", secret), ("verify token", verify), ("name", name),
                ("incoming", incoming), ("outgoing", outgoing), ("caption", caption), ("file name", fileName),
                ("wrong key", wrongKey), ("refused", refused),
            ]
        }
    }

    private func talk(_ site: Site, _ key: String, _ words: Words) async throws {
        let headers = [("X-API-Key", key)]
        let path = "/whatsapp/messages/\(Self.phone)"
        try await site.meta.change(Self.phone, ["name": .string(words.name)])
        _ = try await site.meta.say(words.incoming, from: Self.phone)
        _ = try await site.meta.sendMedia(
            "document", fileName: words.fileName, caption: words.caption, from: Self.phone)
        let messages = try await eventually("both are there") {
            let messages = try await site.get(path, headers: headers).json.array ?? []
            return messages.count == 2 && messages[1]["mediaStatus"] == "ready" ? messages : nil
        }
        _ = try await site.get(try #require(messages[1]["mediaUrl"]?.string))
        try await site.meta.fault(match: ["path": "/messages"], action: ["code": 131000], times: 1)
        let bodies: [JSON] = [
            ["phoneNumber": .string(Self.phone), "text": .string(words.outgoing)],
            ["phoneNumber": .string(Self.phone), "text": .string(words.refused), "colour": "red"],
            ["phoneNumber": "+15550131026", "text": .string(words.refused)],
            ["phoneNumber": .string(Self.phone), "mediaType": "image", "mediaUrl": "http://10.0.0.1/15550100001"],
        ]
        for body in bodies { _ = try await site.call("POST", "/whatsapp/send", body, headers: headers) }
        _ = try await site.call(
            "POST", "/rooms/whatsapp_15550100001/messages", ["text": .string(words.outgoing)], headers: headers)
        _ = try await site.call("POST", "/rooms/whatsapp_15550100001/read", headers: headers)
        _ = try await site.get("/15550100001/nothing?text=15550100001", headers: headers)
        _ = try await site.get(path, headers: [("X-API-Key", words.wrongKey)])
        _ = try await site.get("/whatsapp/webhook?hub.mode=subscribe&hub.challenge=1&hub.verify_token=\(words.verify)")
        _ = try await site.postWebhook(Array("{\"15550100001\": broken".utf8))
        _ = try await site.postWebhook(
            Webhooks.text(words.refused, id: "wamid.x", from: "15550100001"), signature: "sha256=00")
        try await eventually("both answers are read") {
            let messages = try await site.get(path, headers: headers).json.array ?? []
            return messages.filter { $0["status"] == "read" && $0["direction"] == "outgoing" }.count == 2 ? true : nil
        }
    }

    // MARK: Starting and stopping

    @Test func `a stop lets a send in hand finish, and ends with exit code 0`() async throws {
        try await Site.run { site in
            _ = try await site.meta.say("Hello", from: Self.phone)
            try await site.messages(Self.phone, "the customer's word is there") { !$0.isEmpty }
            let slow = try await site.meta.fault(match: ["path": "/messages"], action: ["delayMs": 2000])
            async let answer = site.call(
                "POST", "/whatsapp/send", ["phoneNumber": .string(Self.phone), "text": "Just in time"])
            try await eventually("Meta has the request") {
                try await site.meta.faults().first { $0["id"]?.string == slow }?["hits"] == 1 ? true : nil
            }
            let start = ContinuousClock.now
            #expect(try await site.stop() == .exit(0))
            #expect(ContinuousClock.now - start < .seconds(30))
            let finished = try await answer
            #expect(finished.status == 200 && finished.json["status"] == "sent", "\(finished.text)")
            #expect(site.program.log.contains("stopped"))
            try await site.start()
            try await site.messages(Self.phone, "the answer was sent once") { $0.count == 2 }
            #expect(try await site.meta.sent().count == 1)
        }
    }

    @Test func `each wrong setting stops the start with a line that names it`() async throws {
        let wrong = [
            ("PORT", "seventy"), ("PORT", "70000"), ("HOST", "http://x"), ("DATABASE_URL", "mysql://secretpw@x/y"),
            ("MONGODB_URI", "http://secretpw@x"), ("MESSAGE_TTL_DAYS", "0"), ("EVENT_TTL_DAYS", "-3"),
            ("LOG_LEVEL", "loud"), ("LOG_FORMAT", "xml"), ("API_KEYS", "short"), ("WHATSAPP_API_VERSION", "21"),
            ("WHATSAPP_PHONE_NUMBER_ID", "+15550200001"), ("WHATSAPP_GRAPH_URL", "graph.facebook.com"),
            ("PUBLIC_URL", "chat.example.org"), ("UNKNOWN_SEND_POLICY", "hope"), ("UNKNOWN_SEND_GRACE", "soon"),
            ("MEDIA_FETCH_ALLOW", "http://x/y"), ("ENCRYPTION_KEY", "secretpw"), ("WHATSAPP_SEND_RATE", "0"),
        ]
        try await withFolder { folder in
            for (name, value) in wrong {
                let result = try await Program.run(["serve"], environment: [name: value], folder: folder)
                #expect(result.ending == .exit(1), "\(name)=\(value)")
                #expect(
                    result.errors.split(separator: "\n").contains { $0.hasPrefix("vestibule: \(name): ") },
                    "\(name)=\(value): \(result.errors)")
                #expect(!result.errors.contains("secretpw"))
            }
            let several = ["PORT": "x", "LOG_LEVEL": "loud", "MESSAGE_TTL_DAYS": "never"]
            let result = try await Program.run(["serve"], environment: several, folder: folder)
            for name in several.keys { #expect(result.errors.contains("vestibule: \(name): ")) }
        }
    }

    @Test func `a start that cannot be ends at once, and names what is in the way`() async throws {
        try await Site.run { site in
            let port = try #require(site.base.split(separator: ":").last).description
            let other = site.folder.appending(path: "other").path
            let taken = try await site.command(["serve"], environment: ["PORT": port, "DATA_DIR": other])
            #expect(taken.ending == .exit(1) && taken.errors.contains("vestibule: PORT: \(port) is in use"))
            let unreachable = ["PORT": "0", "DATABASE_URL": "postgres://user:secretpw@127.0.0.1:1/x"]
            let lost = try await site.command(["serve"], environment: unreachable)
            #expect(lost.ending == .exit(1) && lost.errors.contains("vestibule: database: "), "\(lost.errors)")
            #expect(!lost.errors.contains("secretpw"))
            #expect(try await site.get("/health").status == 200)
        }
    }

    @Test func `settings are read from a file beside, and the environment wins`() async throws {
        try await withFolder { folder in
            let file = "# Settings\nexport PORT=seventy\nLOG_LEVEL=\"loud\"\n"
            try Data(file.utf8).write(to: folder.appending(path: ".env"))
            let result = try await Program.run(["serve"], environment: ["LOG_LEVEL": "info"], folder: folder)
            #expect(result.ending == .exit(1) && result.errors.contains("vestibule: PORT: "))
            #expect(!result.errors.contains("LOG_LEVEL"))
        }
    }

    // MARK: Commands

    @Test(arguments: Storage.engines)
    func `migrate says from which version to which, once`(_ storage: Storage) async throws {
        try await withFolder { folder in
            try await storage.withFresh(folder: folder) { stores in
                let first = try await Program.run(["migrate"], environment: stores.environment, folder: folder)
                #expect(first.ending == .exit(0), "\(first.errors)")
                #expect(first.output.contains("the schema went from version 0 to "))
                let second = try await Program.run(["migrate"], environment: stores.environment, folder: folder)
                #expect(second.ending == .exit(0))
                let said = second.output.dropFirst(first.output.count)
                #expect(said.contains("the schema is up to date at version "), "\(said)")
                #expect(try await stores.count("SELECT count(*) AS n FROM whatsapp_messages") == 0)
            }
        }
    }

    @Test(arguments: Storage.available)
    func `the doctor finds a healthy server healthy, and shows no secret`(_ storage: Storage) async throws {
        try await Site.run(storage, environment: ["API_KEYS": "doctors-key-0123456789"]) { site in
            _ = try await site.meta.call("POST", "/100000000000101/subscribed_apps?access_token=simulator-token")
            let result = try await site.command(["doctor"])
            #expect(result.ending == .exit(0), "\(result.output) \(result.errors)")
            #expect(result.output.contains("0 broken"))
            for check in ["database", "mongodb", "uploads", "whatsapp", "webhooks", "clock", "exposure"] {
                #expect(result.output.contains("\nok    \(check)"), "\(check): \(result.output)")
            }
            for secret in ["simulator-token", "simulator-secret", "simulator-verify", "doctors-key-0123456789"] {
                #expect(!(result.output + result.errors).contains(secret))
            }
        }
    }

    @Test func `the doctor names each broken step and its mend, and ends with exit code 1`() async throws {
        try await Site.run { site in
            let broken = [
                "DATABASE_URL": "postgres://user:secretpw@127.0.0.1:1/x", "MONGODB_URI": "mongodb://127.0.0.1:1/x",
                "WHATSAPP_ACCESS_TOKEN": "another-token", "UPLOADS_DIR": site.folder.path + "/.env/uploads",
            ]
            let result = try await site.command(["doctor"], environment: broken)
            #expect(result.ending == .exit(1))
            for (check, mend) in [
                ("database", "DATABASE_URL"), ("mongodb", "MONGODB_URI"), ("whatsapp", "WHATSAPP_ACCESS_TOKEN"),
                ("uploads", "UPLOADS_DIR"),
            ] {
                #expect(result.output.contains("\nfail  \(check)"), "\(check): \(result.output)")
                #expect(result.output.contains(mend))
            }
            #expect(!result.output.contains("secretpw") && !result.output.contains("another-token"))

            let wrong = try await site.command(["doctor"], environment: ["PORT": "x"])
            #expect(wrong.ending == .exit(1) && wrong.output.contains("PORT"))
        }
    }

    @Test func `the simulated server plays its own tour`() async throws {
        try await withFolder { folder in
            let fetch = FetchClient(userAgent: "vestibule-tests", logger: Storage.logger)
            defer { fetch.close() }
            let environment = [
                "DATA_DIR": folder.appending(path: "data").path, "UPLOADS_DIR": folder.path + "/uploads",
            ]
            let server = try await Program.serve(
                ["serve", "--simulate", "--simulator-port", "0"], environment: environment, folder: folder, fetch: fetch
            )
            try await always {
                let tour = try await eventually("the tour is printed") {
                    server.printed.contains("Stop with Ctrl-C") ? server.printed : nil
                }
                let simulator = try #require(tour.firstMatch(of: /a simulated WhatsApp at (http:\S+)\./)).1
                let beside = folder.appending(path: "beside")
                try FileManager.default.createDirectory(at: beside, withIntermediateDirectories: true)
                func phone(_ arguments: String...) async throws -> ProgramResult {
                    try await Program.run(
                        ["phone"] + arguments + ["--simulator", String(simulator)], environment: [:], folder: beside)
                }
                #expect(try await phone("say", Self.phone, "Hello, do you deliver?").ending == .exit(0))
                #expect(try await phone("image", Self.phone, "--caption", "This is the one").ending == .exit(0))
                let url = "\(server.base)/whatsapp/messages/\(Self.phone)"
                let messages = try await eventually("both have arrived") {
                    let messages = try await fetch.send(FetchRequest(url: url)).json.array ?? []
                    return messages.count == 2 && messages[1]["mediaStatus"] == "ready" ? messages : nil
                }
                #expect(messages[0]["text"] == "Hello, do you deliver?" && messages[1]["caption"] == "This is the one")
                var send = FetchRequest(method: "POST", url: "\(server.base)/whatsapp/send")
                let body: JSON = ["phoneNumber": .string(Self.phone), "text": "Yes, from nine."]
                send.body = .bytes(body.encoded())
                send.headers = [("Content-Type", "application/json")]
                #expect(try await fetch.send(send).status == 200)
                try await eventually("the answer is read") {
                    try await fetch.send(FetchRequest(url: url)).json[2]?["status"] == "read" ? true : nil
                }
                #expect(try await phone("inbox", Self.phone).output.contains("Yes, from nine."))
                #expect(try await server.stop() == .exit(0))
            } finally: {
                await server.kill()
            }
        }
    }
}
