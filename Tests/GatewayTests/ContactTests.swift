import Gateway
import JSON
import SQL
import Testing

@Suite struct ContactTests {
    private func rooms(_ harness: Harness) async throws -> [String] {
        try await harness.gateway.rooms.list(limit: 100).rooms.map(\.name.rawValue).sorted()
    }

    @Test(arguments: Engines.all)
    func `a room has its name, title and department from the start`(_ engine: SQLEngine) async throws {
        try await Harness.run(engine) { harness in
            try await harness.receive(
                messages: [harness.text("Hi", from: "15550100001", id: "wamid.1")],
                contacts: [["wa_id": "15550100001", "profile": ["name": "Alex Example"]]])
            let room = try await harness.gateway.rooms.find(RoomName(rawValue: "whatsapp_15550100001")).json()
            #expect(room["title"]?.string == "WhatsApp: +15550100001")
            #expect(room["channel"]?.string == "Customer")
            #expect(room["department"]?.string == "Customer Service")
            #expect(room["private"]?.bool == true)
            #expect(room["contactName"]?.string == "Alex Example")
            #expect(room["unreadCount"]?.int == 1)
        }
    }

    @Test(
        arguments: Engines.all,
        [
            ("5511912345678", "551112345678"), ("5215512345678", "525512345678"), ("5491123456789", "541123456789"),
        ])
    func `two forms of one number share a room and keep what was received`(
        _ engine: SQLEngine, _ forms: (String, String)
    ) async throws {
        try await Harness.run(engine) { harness in
            try await harness.receive(messages: [harness.text("one", from: forms.0, id: "wamid.1")])
            try await harness.receive(messages: [harness.text("two", from: forms.1, id: "wamid.2")])
            #expect(try await rooms(harness) == ["whatsapp_\(forms.0)"])
            let history = try await harness.history(forms.1)
            #expect(history.map(\.phoneNumber) == ["+\(forms.0)", "+\(forms.1)"])
        }
    }

    @Test(arguments: Engines.all)
    func `a user known by BSUID gets a room, and the number joins it later`(_ engine: SQLEngine) async throws {
        try await Harness.run(engine) { harness in
            let anonymous: JSON = [
                "from_user_id": "US.1001", "id": "wamid.1", "timestamp": "1785000000", "type": "text",
                "text": ["body": "hidden"],
            ]
            try await harness.receive(messages: [anonymous])
            var known = try #require(harness.text("shown", from: "15550100001", id: "wamid.2").object)
            known["from_user_id"] = "US.1001"
            try await harness.receive(messages: [.object(known)])
            #expect(try await rooms(harness) == ["whatsapp_US_1001"])
            #expect(try await harness.history("15550100001").map(\.text) == ["hidden", "shown"])
        }
    }

    @Test(arguments: Engines.all)
    func `ids that a status shows together belong to one contact, and make none`(_ engine: SQLEngine) async throws {
        try await Harness.run(engine) { harness in
            try await harness.receive(messages: [harness.text("by number", from: "15550100001", id: "wamid.1")])
            var report = try #require(harness.status("delivered", of: "wamid.2").object)
            report["recipient_user_id"] = "US.1001"
            var stranger = report
            stranger["recipient_id"] = "15550100002"
            stranger["recipient_user_id"] = "US.1002"
            try await harness.receive(statuses: [.object(report), .object(stranger)])
            try await harness.receive(messages: [
                [
                    "from_user_id": "US.1001", "id": "wamid.3", "timestamp": "1785000000", "type": "text",
                    "text": ["body": "by id"],
                ]
            ])
            #expect(try await rooms(harness) == ["whatsapp_15550100001"])
            #expect(try await harness.history("15550100001").map(\.text) == ["by number", "by id"])
        }
    }

    @Test(arguments: Engines.all)
    func `the newest message names the contact, whatever comes late or again`(_ engine: SQLEngine) async throws {
        try await Harness.run(engine) { harness in
            func receive(_ id: String, _ name: String, secondsAgo: Int64) async throws -> String? {
                try await harness.receive(
                    messages: [
                        harness.text("Hi", from: "15550100001", id: id, at: harness.clock.now - secondsAgo * 1000)
                    ],
                    contacts: [["wa_id": "15550100001", "profile": ["name": .string(name)]]])
                return try await harness.gateway.rooms.find(RoomName(rawValue: "whatsapp_15550100001")).contactName
            }
            var names: [String?] = []
            names.append(try await receive("wamid.1", "First", secondsAgo: 300))
            names.append(try await receive("wamid.2", "Second", secondsAgo: 100))
            names.append(try await receive("wamid.1", "First", secondsAgo: 300))
            names.append(try await receive("wamid.0", "Zeroth", secondsAgo: 500))
            names.append(try await receive("wamid.3", "Third", secondsAgo: 0))
            #expect(names == ["First", "Second", "Second", "Second", "Third"])
        }
    }

    @Test(arguments: Engines.all)
    func `two rooms of one customer go on as one`(_ engine: SQLEngine) async throws {
        try await Harness.run(engine) { harness in
            try await harness.receive(messages: [harness.text("by number", from: "15550100001", id: "wamid.1")])
            try await harness.receive(messages: [
                [
                    "from_user_id": "US.1001", "id": "wamid.2", "timestamp": "1785000000", "type": "text",
                    "text": ["body": "by id"],
                ]
            ])
            var both = try #require(harness.text("both", from: "15550100001", id: "wamid.3").object)
            both["from_user_id"] = "US.1001"
            try await harness.receive(messages: [.object(both)])
            #expect(try await harness.history("15550100001").map(\.text) == ["by number", "both"])
            let merged = try await harness.gateway.rooms.find(RoomName(rawValue: "whatsapp_US_1001"))
            #expect(merged.mergedInto?.rawValue == "whatsapp_15550100001")
        }
    }

    @Test(arguments: Engines.all)
    func `a customer who changes the number keeps the room`(_ engine: SQLEngine) async throws {
        try await Harness.run(engine) { harness in
            try await harness.receive(messages: [harness.text("old", from: "15550100001", id: "wamid.1")])
            try await harness.receive(messages: [
                harness.text("new", from: "15550100009", id: "wamid.3"),
                [
                    "from": "15550100001", "id": "wamid.2", "timestamp": "1785000001", "type": "system",
                    "system": [
                        "type": "user_changed_number", "wa_id": "15550100009", "body": "changed to a new number",
                    ],
                ],
            ])
            #expect(try await rooms(harness) == ["whatsapp_15550100001"])
            #expect(try await harness.history("15550100009").map(\.type) == ["text", "text", "system"])
        }
    }

    @Test(arguments: Engines.all)
    func `rooms are listed latest first, page by page`(_ engine: SQLEngine) async throws {
        try await Harness.run(engine) { harness in
            for index in 0..<7 {
                let time = harness.clock.now + Int64(index) * 1000
                try await harness.receive(messages: [
                    harness.text("x", from: "1555010000\(index)", id: "wamid.\(index)", at: time)
                ])
            }
            var names: [String] = []
            var cursor: String?
            repeat {
                let page = try await harness.gateway.rooms.list(limit: 3, cursor: cursor)
                names += page.rooms.map { String($0.name.rawValue.suffix(1)) }
                cursor = page.nextCursor
            } while cursor != nil
            #expect(names == ["6", "5", "4", "3", "2", "1", "0"])
        }
    }
}
