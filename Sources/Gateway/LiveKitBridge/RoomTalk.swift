import LiveKit

/// Takes part in one room in LiveKit, for as long as somebody else is there.
struct RoomTalk: Sendable {
    enum Ending: Sendable {
        /// Nobody else is there.
        case idle
        /// The connection is over.
        case over
        /// Another gateway has the room, or this one stops.
        case ended
    }

    let room: Room
    let connection: RoomConnection
    let context: TalkContext
    /// Ends it.
    let end: Signal
    let isStopping: Flag

    /// With nobody else there.
    private static let idle: Duration = .seconds(10)
    private static let look: Duration = .seconds(1)

    /// - Returns: when the room was left, and all that was heard is stored.
    func run() async -> Ending {
        let written = Signal()
        let stop = EventStop()
        return await withDiscardingTaskGroup { group in
            group.addTask { await watch(written, stop) }
            group.addTask { await CustomerVoice(room: room, connection: connection, context: context).run(written) }
            group.addTask {
                await RoomHearing(room: room, connection: connection, context: context, isStopping: isStopping).run()
            }
            var dropped = 0
            let ending = await stay(&dropped)
            await connection.leave()
            tellDropped(since: &dropped)
            stop.end(.shutdown)
            written.raise()
            return ending
        }
    }

    /// Stays while somebody else is there.
    private func stay(_ dropped: inout Int) async -> Ending {
        var lastSeen = ContinuousClock.now
        while !connection.isOver {
            if await end.isRaised(within: Self.look) { return .ended }
            connection.tidy()
            tellDropped(since: &dropped)
            if !connection.others.isEmpty || connection.isLost { lastSeen = .now }
            if ContinuousClock.now - lastSeen > Self.idle { return .idle }
        }
        return .over
    }

    /// Tells of what was said and can't be stored, the database being away for too long.
    private func tellDropped(since told: inout Int) {
        let dropped = connection.dropped
        guard dropped > told else { return }
        context.counters.dropped.increment(by: dropped - told)
        context.logger.error("texts in a LiveKit room were lost", metadata: ["count": "\(dropped - told)"])
        told = dropped
    }

    /// Raises the signal when the customer may have written.
    private func watch(_ written: Signal, _ stop: EventStop) async {
        while !connection.isOver {
            do {
                let start = try await context.events.last()
                written.raise()
                let subscription = EventSubscription(
                    reader: context.events, hub: context.hub, filter: EventFilter(room: room.name), start: start,
                    stop: stop)
                for try await event in subscription where CustomerWords(event, base: nil) != nil { written.raise() }
                if stop.ending != nil { return }
            } catch {
                // The database is away; what is missed is looked for afterwards.
            }
            // Only the end of the program cancels it.
            try? await Task.sleep(for: Self.look)
        }
    }
}
