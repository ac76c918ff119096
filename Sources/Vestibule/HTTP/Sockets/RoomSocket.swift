import Gateway
import JSON

/// One open socket: events go out, commands come in and are answered one after the other.
struct RoomSocket: Sendable {
    let link: WebSocketLink
    let subscription: EventSubscription
    let commands: SocketCommands
    let requestID: String

    /// Returns when the connection is gone.
    func run() async {
        await withDiscardingTaskGroup { group in
            group.addTask {
                await link.closed()
                subscription.stop.end(.left)
            }
            group.addTask { await answer() }
            await tell()
        }
    }

    private func tell() async {
        var events = subscription.makeAsyncIterator()
        do {
            try await link.upgraded()
            while let event = try await next(&events) { try await link.send(event.encoded) }
        } catch {
            // The connection is gone, and with it whoever would be told.
            subscription.stop.end(.left)
        }
    }

    private func next(_ events: inout EventSubscription.Iterator) async throws -> Event? {
        do {
            if let event = try await events.next() { return event }
        } catch {
            close(.failed)
            return nil
        }
        if let end = FollowingEnd(events.ending) { close(end) }
        return nil
    }

    private func close(_ end: FollowingEnd) {
        let code: UInt16 =
            switch end {
            case .tooSlow: 1013
            case .stopping: 1001
            case .failed: 1011
            }
        link.close(code, "\(end.code): \(end.message)")
    }

    private func answer() async {
        for await text in link.texts {
            let answer = await commands.run(text, requestID: requestID)
            do {
                try await link.send(answer.encoded())
            } catch {
                // The connection is gone; what was done is seen in the room.
                return
            }
        }
    }
}
