import JSON
import SQL
import Testing

/// What WhatsApp tells of its customers: new numbers, new ids, groups, calls.
@Suite(.timeLimit(.minutes(5)))
struct FixtureNoticeTests {
    @Test(arguments: Storage.engines)
    func `a notice that comes again does not undo a later one`(_ storage: Storage) async throws {
        try await Site.run(storage) { site in
            func moved(_ id: String, from: String, to: String) -> [UInt8] {
                let system: JSON = ["type": "user_changed_number", "wa_id": .string(to), "body": "moved"]
                let message = MadeWebhook.message(id, from: from, ["type": "system", "system": system])
                return MadeWebhook.body("messages", ["messages": [message]])
            }
            func renamed(_ from: String, _ to: String) -> [UInt8] {
                let ids: JSON = ["previous": .string(from), "current": .string(to)]
                let update: JSON = ["wa_id": "15550100001", "user_id": ids, "timestamp": "1785000000"]
                return MadeWebhook.body("user_id_update", ["user_id_update": [update]])
            }
            let hello = MadeWebhook.message(
                "wamid.hello", from: "15550100001",
                ["type": "text", "text": ["body": "Hello"], "from_user_id": "US.1"])
            let old = MadeWebhook.body("messages", ["messages": [hello]])
            try await site.receive(old)
            for body in [
                moved("wamid.one", from: "15550100001", to: "15550100091"), renamed("US.1", "US.2"),
                moved("wamid.two", from: "15550100091", to: "15550100092"), renamed("US.2", "US.3"),
                moved("wamid.one", from: "15550100001", to: "15550100091"), renamed("US.1", "US.2"), old,
            ] {
                try await site.receive(body)
            }
            let contacts = try await site.stores.rows("SELECT wa_id, user_id FROM contacts")
            #expect(try contacts.map { try $0.text("wa_id") } == ["15550100092"])
            #expect(try contacts.map { try $0.text("user_id") } == ["US.3"])
            let messages = try await site.messages("15550100092")
            #expect(messages.map { $0["type"] } == ["text", "system", "system"])
        }
    }

    @Test(arguments: Storage.engines)
    func `a notice about somebody unknown makes no room and opens no window`(_ storage: Storage) async throws {
        try await Site.run(storage) { site in
            let update: JSON = [
                "wa_id": "15550100001", "user_id": ["previous": "US.1", "current": "US.2"], "timestamp": "1785000000",
            ]
            try await site.receive(MadeWebhook.body("user_id_update", ["user_id_update": [update]]))
            #expect(try await site.stores.count("SELECT COUNT(*) AS n FROM rooms") == 0)

            let notice = MadeWebhook.message(
                "wamid.notice", from: "15550100001",
                ["type": "system", "system": ["type": "user_identity_changed", "body": "New keys"]])
            try await site.receive(MadeWebhook.body("messages", ["messages": [notice]]))
            let answer = try await site.call("POST", "/whatsapp/send", ["phoneNumber": "15550100001", "text": "Hi"])
            #expect(answer.status == 422 && answer.errorCode == "WINDOW_CLOSED")
        }
    }

    @Test(arguments: Storage.engines)
    func `a call of somebody who hides the number opens the window`(_ storage: Storage) async throws {
        try await Site.run(storage) { site in
            let call: JSON = [
                "id": "wacid.one", "from_user_id": "US.1", "event": "connect", "direction": "USER_INITIATED",
                "timestamp": "1785000000",
            ]
            try await site.receive(MadeWebhook.body("calls", ["calls": [call]]))
            let room = try await site.get("/rooms/whatsapp_US_1").json
            #expect(room["windowClosesAt"] != nil)
        }
    }

    @Test(arguments: Storage.engines)
    func `a reaction of the fixtures is taken back by the next`(_ storage: Storage) async throws {
        for removal in ["message-reaction-removed-empty", "message-reaction-removed-absent"] {
            try await Site.runForFixtures(storage) { site, fixtures in
                try await site.stores.withDatabase { database in
                    let webhook = try fixtures.webhook("message-reaction")
                    let targets = FixtureTargets(webhook)
                    let words = FixtureWords(site: site, database: database)
                    let signature = Site.signature(of: targets.body, secret: fixtures.appSecret)
                    _ = try await site.postWebhook(targets.body, signature: signature)
                    _ = try await site.post(webhook)
                    #expect(try await words.lines(of: targets.ids) == ["out text “Before” with 👍🏽 by +15550100001"])
                    _ = try await site.post(try fixtures.webhook(removal))
                    #expect(try await words.lines(of: targets.ids) == ["out text “Before”"])
                    // The reaction comes again: it is older than its removal.
                    _ = try await site.post(webhook)
                    #expect(try await words.lines(of: targets.ids) == ["out text “Before”"])
                }
            }
        }
    }
}
