import Fetch
import JSON
import Testing

@testable import Simulator

/// Jobs over HTTP and on the command line.
@Suite(.timeLimit(.minutes(5))) struct JobOperatingTests {
    private static let phone = "+15550100001"

    private func send(_ text: String, _ site: Site) async throws -> FetchResponse {
        try await site.call("POST", "/whatsapp/send", ["phoneNumber": .string(Self.phone), "text": .string(text)])
    }

    private func open(_ site: Site) async throws {
        _ = try await site.meta.say("Hello", from: Self.phone)
        try await site.messages(Self.phone, "the customer's word is there") { !$0.isEmpty }
    }

    @Test(arguments: Storage.engines)
    func `a dead send is listed, requeued and sent`(_ storage: Storage) async throws {
        try await Site.run(storage) { site in
            try await open(site)
            try await site.meta.fault(match: ["path": "/messages"], action: ["code": 131026])
            let answer = try await send("secret words", site)
            #expect([502, 202].contains(answer.status), "202 on a machine that is busy: \(answer.text)")
            let (listed, job) = try await eventually("the send is dead") {
                let listed = try await site.get("/jobs?state=dead&kind=send&account=default")
                return listed.json["jobs"]?.array?.first.map { (listed, $0) }
            }
            let id = try #require(job["id"]?.string)
            #expect(job["kind"] == "send" && job["state"] == "dead" && job["room"] == "whatsapp_15550100001")
            #expect(job["lastError"]?.string?.isEmpty == false && job["messageId"]?.string?.isEmpty == false)
            #expect(!listed.text.contains("secret words"))
            #expect(try await site.get("/jobs/\(id)").json == job)
            let again = try await site.call("POST", "/jobs/\(id)/requeue")
            #expect(again.status == 200 && again.json["id"] == .string(id), "\(again.text)")
            try await site.messages(Self.phone, "it is sent") {
                $0.last?["status"]?.string != "failed" && $0.count == 2
            }
            try await eventually("the phone has it") {
                try await site.meta.sent(to: Self.phone).count == 1 ? true : nil
            }
        }
    }

    @Test(arguments: Storage.engines)
    func `a pause holds sends back until it is resumed, and shows`(_ storage: Storage) async throws {
        try await Site.run(storage) { site in
            try await open(site)
            let paused = try await site.call("POST", "/jobs/pause", ["kind": "send"])
            #expect(paused.status == 200 && paused.json["pauses"]?.array?.first?["kind"] == "send")
            let posted = try await site.call("POST", "/rooms/whatsapp_15550100001/messages", ["text": "held"])
            #expect(posted.status == 202)
            #expect(try await site.get("/jobs").json["pauses"]?.array?.count == 1)
            #expect(try await site.get("/metrics").text.contains("vestibule_job_pauses 1\n"))
            try await site.stop()
            try await site.start()
            #expect(try await site.get("/jobs?state=open&kind=send").json["jobs"]?.array?.count == 1)
            #expect(try await site.meta.sent(to: Self.phone).isEmpty)
            let resumed = try await site.call("POST", "/jobs/resume", [:])
            #expect(resumed.json["pauses"]?.array?.isEmpty == true)
            try await eventually("the phone has it") {
                try await site.meta.sent(to: Self.phone).count == 1 ? true : nil
            }
        }
    }

    @Test func `what is not as described is refused by name`() async throws {
        try await Site.run { site in
            for (path, field) in [
                ("/jobs?state=done", "state"), ("/jobs?kind=teleport", "kind"), ("/jobs?limit=0", "limit"),
                ("/jobs?before=abc", "before"), ("/jobs?account=", "account"), ("/jobs?account=a%00", "account"),
                ("/jobs?phone=1", "phone"),
            ] {
                let answer = try await site.get(path)
                #expect(answer.status == 400 && answer.json["error"]?["data"]?["field"] == .string(field), "\(path)")
            }
            for (path, body, status) in [
                ("/jobs/pause", ["kind": "teleport"] as JSON, 400), ("/jobs/pause", ["account": "nobody"], 404),
                ("/jobs/requeue", ["after": "x"], 400), ("/jobs/resume", ["phone": "1"], 400),
            ] {
                #expect(try await site.call("POST", path, body).status == status, "\(path)")
            }
            let unknown = "/jobs/0197f6d2-0000-7000-8000-000000000000"
            #expect(try await site.get(unknown).errorCode == "NOT_FOUND")
            #expect(try await site.call("POST", unknown + "/requeue").errorCode == "NOT_FOUND")
            #expect(try await site.get("/jobs/nothing").status == 404)
        }
    }

    @Test func `jobs want a key where keys are set`() async throws {
        try await Site.run(environment: ["API_KEYS": "a-key-for-the-jobs-test"]) { site in
            let (open, paused) = (try await site.get("/jobs"), try await site.call("POST", "/jobs/pause", [:]))
            #expect(open.status == 401 && paused.status == 401)
            let keyed = try await site.get("/jobs", headers: [("X-API-Key", "a-key-for-the-jobs-test")])
            #expect(keyed.status == 200)
        }
    }

    @Test(arguments: Storage.engines)
    func `the command line does the same beside a running server`(_ storage: Storage) async throws {
        try await Site.run(storage) { site in
            try await open(site)
            try await site.meta.fault(match: ["path": "/messages"], action: ["code": 131026])
            #expect(try await send("secret words", site).status == 502)
            let listed = try await site.command(["jobs", "list", "--state", "dead"])
            #expect(listed.ending == .exit(0) && listed.output.contains(" send dead account=default"), "\(listed)")
            #expect(!listed.output.contains("15550100001") && !listed.output.contains("secret words"))
            #expect(
                try await site.command(["jobs", "pause", "--kind", "send"]).output == "paused: all accounts, send\n")
            let requeued = try await site.command(["jobs", "requeue", "--all", "--kind", "send"])
            #expect(requeued.output == "1 jobs requeued, 0 stay dead\n", "\(requeued)")
            #expect(try await site.get("/jobs?state=open").json["jobs"]?.array?.count == 1)
            #expect(try await site.command(["jobs", "resume"]).output == "nothing is paused\n")
            try await eventually("the phone has it") {
                try await site.meta.sent(to: Self.phone).count == 1 ? true : nil
            }
            #expect(try await site.command(["accounts", "plan", "default", "premium"]).output == "default: premium\n")
            #expect(try await site.stores.rows("SELECT plan FROM tenant_whatsapp_config")[0].text("plan") == "premium")
            #expect(try await site.command(["accounts", "plan", "nobody", "premium"]).ending == .exit(1))
        }
    }
}
