import Gateway
import JSON

/// One open socket: events go out, commands come in and are answered one after the other.
/// A class: thousands of them are open at a time, and each of the tasks within would hold a copy of its own.
final class RoomSocket: Sendable {
    let link: WebSocketLink
    let subscription: EventSubscription
    private let commands: SocketCommands
    private let requestID: String

    init(_ link: WebSocketLink, _ subscription: EventSubscription, _ commands: SocketCommands, requestID: String) {
        self.link = link
        self.subscription = subscription
        self.commands = commands
        self.requestID = requestID
    }

    /// Returns when the connection is gone.
    func run() async {
        link.onClose { self.subscription.stop.end(.left) }
        async let answers: Void = answer()
        await tell()
        await link.closed()
        await answers
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
