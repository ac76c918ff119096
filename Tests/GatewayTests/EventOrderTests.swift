import SQL
import Synchronization
import Testing

@testable import Gateway

/// Every listener gets everything, once and in the one order, whoever wrote it and whenever the listener came.
@Suite(.timeLimit(.minutes(5))) struct EventOrderTests {
    private static let customers = (1...4).map { "1555010000\($0)" }

    /// Writes for all customers at once, through each of the gateways.
    private static func write(
        _ gateways: [Gateway], _ harness: Harness, rounds: Range<Int>
    ) async throws {
        try await withThrowingTaskGroup(of: Void.self) { group in
            for (number, gateway) in gateways.enumerated() {
                group.addTask {
                    for round in rounds {
                        let messages = customers.map { phone in
                            harness.text("\(round)", from: phone, id: "wamid.\(number).\(round).\(phone)")
                        }
                        let body = Harness.webhook(["messages": .array(messages)])
                        while true {
                            do {
                                try await gateway.ingest.accept(body.encoded())
                                break
                            } catch let error as GatewayError where error.code == .unavailable {
                                // The others hold the database; Meta would come again, too.
                                try await Task.sleep(for: .milliseconds(20))
                            }
                        }
                    }
                }
            }
            try await group.waitForAll()
        }
    }

    private static func serving(
        _ harness: Harness, others: Int, _ body: @Sendable ([Gateway]) async throws -> Void
    ) async throws {
        guard others > 0 else { return try await body([harness.gateway]) }
        let other = try await Harness.open(harness.settings, harness.clock)
        let outcome: Result<Void, any Error>
        do {
            try await Harness.serve(other) {
                try await serving(harness, others: others - 1) { try await body($0 + [other]) }
            }
            outcome = .success(())
        } catch {
            outcome = .failure(error)
        }
        await other.close()
        try outcome.get()
    }

    @Test(arguments: Engines.all)
    func `with several gateways writing, positions have no gap and a reader misses nothing`(
        _ engine: SQLEngine
    ) async throws {
        try await Harness.run(engine) { harness in
            try await Self.serving(harness, others: 2) { gateways in
                let isDone = Flag()
                let rounds = 15
                let seen = try await withThrowingTaskGroup(of: [Event].self) { group in
                    group.addTask {
                        // What is read once is never read again: whatever turned up behind the cursor would be missed.
                        var seen: [Event] = []
                        while true {
                            try Task.checkCancellation()
                            let isLast = isDone.isRaised
                            let page = try await gateways[0].events.list(after: seen.last?.id, limit: 50).events
                            seen += page
                            if isLast, page.isEmpty { return seen }
                        }
                    }
                    try await Self.write(gateways, harness, rounds: 0..<rounds)
                    isDone.raise()
                    return try await group.next() ?? []
                }
                #expect(seen.map(\.position) == Array(1...Int64(seen.count)))
                #expect(seen.count == Self.customers.count * (1 + rounds * gateways.count))
                for phone in Self.customers {
                    let sequences = seen.filter { $0.room?.rawValue == "whatsapp_\(phone)" }.compactMap {
                        $0.json["sequence"]?.int
                    }
                    #expect(sequences == Array(1...Int64(rounds * gateways.count)))
                }
            }
        }
    }

    /// Takes `count` events and leaves.
    private static func take(
        _ count: Int, _ filter: EventFilter, after id: String?, from gateway: Gateway
    ) async throws -> [String] {
        var seen: [String] = []
        while seen.count < count {
            var events = try await gateway.events.follow(filter, after: (seen.last ?? id).map(EventCursor.event))
                .makeAsyncIterator()
            while seen.count < count, let event = try await events.next() { seen.append(event.id) }
            // On a busy machine it may have been too slow, and comes back.
            try Task.checkCancellation()
        }
        return seen
    }

    @Test(arguments: Engines.all)
    func `whoever leaves and comes back anywhere hears the same sequence`(_ engine: SQLEngine) async throws {
        try await Harness.run(engine) { harness in
            try await Self.serving(harness, others: 1) { gateways in
                let room = RoomName(rawValue: "whatsapp_\(Self.customers[0])")
                let first = harness.gateway.events.reader.id(of: 0)
                let rounds = 40
                let (ofRoom, ofAll) = (
                    1 + rounds * gateways.count, Self.customers.count * (1 + rounds * gateways.count)
                )
                let heard = try await withThrowingTaskGroup(of: [String].self) { group in
                    group.addTask {
                        // A different number each time, so that the seam lies everywhere.
                        var seen: [String] = []
                        for turn in 0... {
                            try Task.checkCancellation()
                            if seen.count == ofRoom { break }
                            let wanted = min(turn % 7 + 1, ofRoom - seen.count)
                            seen += try await Self.take(
                                wanted, EventFilter(room: room), after: seen.last ?? first,
                                from: gateways[turn % gateways.count])
                        }
                        return seen
                    }
                    group.addTask {
                        try await Self.take(ofAll, EventFilter(), after: first, from: gateways[0])
                    }
                    try await Self.write(gateways, harness, rounds: 0..<rounds)
                    return try await group.reduce(into: [[String]]()) { $0.append($1) }.sorted { $0.count < $1.count }
                }
                let stored = try await harness.gateway.events.list(limit: 1000).events
                #expect(heard[0] == stored.filter { $0.room == room }.map(\.id))
                #expect(heard[1] == stored.map(\.id))
            }
        }
    }

    private static func listeners(_ harness: Harness) -> String? {
        harness.metrics.exposition().split(separator: "\n").first { $0.hasPrefix("vestibule_event_listeners ") }
            .map(String.init)
    }

    /// Takes what is stored and, once it comes live, one event more.
    private static func join(
        _ iterator: inout EventSubscription.Iterator, after stored: Int, round: Int, _ harness: Harness
    ) async throws -> Event {
        for _ in 0..<stored { _ = try await iterator.next() }
        let before = listeners(harness)
        async let written: Void = {
            try await harness.wait("nobody listens") { listeners(harness) != before }
            try await write([harness.gateway], harness, rounds: round..<round + 1)
        }()
        let event = try await iterator.next()
        try await written
        return try #require(event)
    }

    @Test(arguments: Engines.all)
    func `a listener that takes nothing is cut off after what its buffer holds, and the others hear on`(
        _ engine: SQLEngine
    ) async throws {
        try await Harness.run(engine) {
            $0.listenerPatience = .zero
        } _: { harness in
            let events = harness.gateway.events
            var slow = try await events.follow(EventFilter(), after: nil).makeAsyncIterator()
            let first = try await Self.join(&slow, after: 0, round: 0, harness)
            let rounds = EventBuffer.size / Self.customers.count + 10
            let count = 2 * Self.customers.count - 1 + rounds * Self.customers.count
            async let quick = Self.take(count, EventFilter(), after: first.id, from: harness.gateway)
            try await Self.write([harness.gateway], harness, rounds: 1..<rounds + 1)
            #expect(try await quick.count == count)
            var seen = [first.position]
            while let event = try await slow.next() { seen.append(event.position) }
            #expect(slow.ending == .tooSlow)
            #expect(seen == Array(first.position..<first.position + Int64(seen.count)))
            #expect(seen.count > EventBuffer.size)
        }
    }

    @Test(arguments: Engines.all)
    func `a burst that is more than a buffer holds cuts nobody off who reads`(_ engine: SQLEngine) async throws {
        try await Harness.run(engine) {
            $0.listenerPatience = .seconds(3600)
        } _: { harness in
            let events = harness.gateway.events
            var reader = try await events.follow(EventFilter(), after: nil).makeAsyncIterator()
            let first = try await Self.join(&reader, after: 0, round: 0, harness)
            let count = 3 * EventBuffer.size
            let messages = (0..<count).map { harness.text("x", from: Self.customers[0], id: "wamid.burst.\($0)") }
            try await harness.gateway.ingest.accept(Harness.webhook(["messages": .array(messages)]).encoded())
            var seen = [first.position]
            while seen.count < 2 * Self.customers.count + count, let event = try await reader.next() {
                seen.append(event.position)
            }
            #expect(seen == Array(first.position..<first.position + Int64(2 * Self.customers.count + count)))
        }
    }

    @Test(arguments: Engines.all)
    func `who leaves gives the place back, and a stop ends those who stay`(_ engine: SQLEngine) async throws {
        try await Harness.run(engine, isServing: false) { harness in
            let events = harness.gateway.events
            let stay = try await events.follow(EventFilter(), after: nil)
            async let stayed: (count: Int, ending: EventEnding?) = {
                var (iterator, count) = (stay.makeAsyncIterator(), 0)
                while try await iterator.next() != nil { count += 1 }
                return (count, iterator.ending)
            }()
            try await Harness.serve(harness.gateway) {
                try await harness.wait("nobody listens") { Self.listeners(harness) == "vestibule_event_listeners 1" }
                do {
                    var leaving = try await events.follow(EventFilter(), after: nil).makeAsyncIterator()
                    _ = try await Self.join(&leaving, after: 0, round: 0, harness)
                    #expect(Self.listeners(harness) == "vestibule_event_listeners 2")
                }
                #expect(Self.listeners(harness) == "vestibule_event_listeners 1")
            }
            #expect(try await stayed.ending == .shutdown)
            #expect(try await stayed.count <= 2 * Self.customers.count)
            await #expect(throws: GatewayError.self) {
                _ = try await Self.take(1, EventFilter(), after: nil, from: harness.gateway)
            }
        }
    }
}
