import LiveKit
import SQL

/// Says in a LiveKit room what the customer writes: each message once, several that come together as one text, and nothing
/// that was said or answered before.
struct CustomerVoice: Sendable {
    let room: Room
    let connection: RoomConnection
    let context: TalkContext

    /// The customer has stopped typing: an agent breaks off its answer for each text that it gets.
    private static let settling: Duration = .seconds(1)
    private static let longestSettling: Duration = .seconds(4)
    /// For an agent to begin to listen, or to end its answer.
    private static let longestAnswer: Duration = .seconds(15)
    /// What was answered is still said for as long: the answer may have been to what was said before.
    private static let fresh: Milliseconds = 2 * .minute
    private static let look: Duration = .seconds(30)
    private static let pause: Duration = .seconds(1)
    /// Events; so many messages can't become one text.
    private static let page = 50
    static let role = "customer"

    private struct Batch {
        let words: [CustomerWords]
        /// Places in the list of events, before and after.
        let start: Int64
        let end: Int64
    }

    /// Runs until the connection is over.
    /// - Parameter written: raised when the customer may have written.
    func run(_ written: Signal) async {
        var unsaid: Batch?
        var stay = Stay(sid: connection.sid, losses: 0)
        var isWarned = false
        while !connection.isOver {
            await written.wait(atMost: Self.look)
            do {
                if unsaid == nil { await settle(written) }
                while !connection.isOver, !connection.others.isEmpty {
                    if unsaid == nil { unsaid = try await next() }
                    guard let batch = unsaid else { break }
                    try await say(batch, &stay)
                    unsaid = nil
                }
                isWarned = false
            } catch {
                if !isWarned, !connection.isOver { warn(error) }
                isWarned = true
                await written.wait(atMost: Self.pause)
                written.raise()
            }
        }
        if let unsaid { await giveBack(unsaid) }
    }

    /// Waits until the customer has stopped typing, and nobody would be interrupted.
    private func settle(_ written: Signal) async {
        let start = ContinuousClock.now
        while ContinuousClock.now - start < Self.longestSettling, await written.isRaised(within: Self.settling) {}
        while ContinuousClock.now - start < Self.longestAnswer, !connection.isOver,
            connection.others.values.contains(where: { $0.isBusy(at: .now) })
        {
            // Only the end of the program cancels it.
            try? await Task.sleep(for: .milliseconds(100))
        }
    }

    /// Takes up what is to be said next.
    /// - Returns: nil when there is nothing, or another gateway says it.
    private func next() async throws -> Batch? {
        let now = context.clock.now()
        while true {
            let place = try await context.attendance.place(in: room.name, since: now - ServiceWindow.length)
            let page = try await context.events.read(
                after: place.said, EventFilter(room: room.name), limit: Self.page)
            guard let end = page.end else { return nil }
            let fresh = page.events.filter { event in
                event.timestamp > now - Self.fresh || event.json["data"]?["sequence"]?.int ?? 0 > place.answered
            }
            var words = fresh.compactMap { CustomerWords($0, base: context.mediaBase) }
            if words.contains(where: \.isLate) {
                let live = try await context.attendance.received(words.map(\.messageID), in: room.name, place)
                words.removeAll { $0.isLate && !live.contains($0.messageID) }
            }
            guard try await context.attendance.saying(upTo: end, in: room.name) else { return nil }
            if !words.isEmpty { return Batch(words: words, start: place.said, end: end) }
            if page.isLast { return nil }
        }
    }

    /// Which of the server's stays of ours it is.
    private struct Stay {
        var sid: String?
        /// How often the connection had been lost when the sid was asked for.
        var losses: Int
    }

    /// - Throws: when it was not said, and has to be said again.
    private func say(_ batch: Batch, _ stay: inout Stay) async throws {
        if stay.losses != connection.losses {
            let losses = connection.losses
            stay = Stay(sid: try await currentSID(), losses: losses)
        }
        let identities = connection.others.keys.sorted()
        guard !identities.isEmpty else { throw ParticipantError.ended }
        try await speak(batch, to: identities)
        // That went well when the server was there all the while, which its answer to this tells. A server that was lost
        // and has taken us up again got everything; one that sees us as new has lost it.
        while try await !isProven(batch, &stay) {
            // Only the end of the program cancels it.
            try? await Task.sleep(for: Self.pause)
        }
        context.counters.said.increment(by: batch.words.count)
    }

    private func speak(_ batch: Batch, to identities: [String]) async throws(ParticipantError) {
        do {
            try await connection.say(
                batch.words.map(\.text).joined(separator: "\n"), topic: TalkContext.chat, to: identities,
                attributes: CustomerWords.attributes(batch.words))
        } catch {
            // It may have been said: what follows tells.
            guard case .timedOut = error else { throw error }
        }
    }

    private func isProven(_ batch: Batch, _ stay: inout Stay) async throws(ParticipantError) -> Bool {
        guard try await isAnswered(batch) else { return false }
        if connection.losses != stay.losses { return try await isKept(&stay) }
        return !connection.isShaky || connection.isOver
    }

    /// - Throws: when the server was out of reach, and will not be reached any more.
    private func isAnswered(_ batch: Batch) async throws(ParticipantError) -> Bool {
        do {
            try await connection.set(["vestibule.said": "\(batch.words.map(\.sequence).max() ?? 0)"])
            return true
        } catch {
            if connection.hasLostContact { throw error }
            // Left, thrown out, or without the library, but the server was there: to say it again would be to say it twice.
            return connection.isOver
        }
    }

    /// Whether the server has kept our stay; false as long as it does not tell.
    /// - Throws: when it has not.
    private func isKept(_ stay: inout Stay) async throws(ParticipantError) -> Bool {
        if connection.isOver { return true }
        let losses = connection.losses
        // Asked again until there is an answer.
        guard let sid = try? await currentSID() else { return false }
        let former = stay.sid
        stay = Stay(sid: sid, losses: losses)
        if sid != former { throw ParticipantError.failed("LiveKit lost what was said") }
        return true
    }

    private func currentSID() async throws(ServerError) -> String? {
        try await context.server.rooms.participants(in: room.name.rawValue).first {
            $0.identity == room.name.rawValue
        }?.sid
    }

    private func giveBack(_ batch: Batch) async {
        for _ in 1...3 {
            do {
                return try await context.attendance.unsay(from: batch.end, to: batch.start, in: room.name)
            } catch {
                // Only the end of the program cancels it.
                try? await Task.sleep(for: Self.pause)
            }
        }
        context.logger.error(
            "a customer's words were not said in LiveKit", metadata: ["reason": "the database is away"])
    }

    private func warn(_ error: any Error) {
        let cause =
            (error as? ParticipantError)?.summary ?? (error as? ServerError)?.summary
            ?? GatewayError(wrapping: error).message
        context.logger.warning("a customer's words wait for LiveKit", metadata: ["cause": "\(cause)"])
    }
}
