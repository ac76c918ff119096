import Synchronization

/// A participant of our own in one room, by way of the native library.
package final class RoomConnection: Sendable {
    private struct State {
        var others: [String: RoomMember] = [:]
        /// Who was there before: what they said may come after they have left.
        var past: [String: RoomMember] = [:]
        /// Of the others, for the library to have back.
        var handles: [String: UInt64] = [:]
        var streams = TextStreams()
        var losses = 0
        var dropped = 0
        var regainedAt: ContinuousClock.Instant?
        var isOver = false
        var hasLostContact = false
        /// The library tries to get the connection back.
        var isLost = false
        var isGivenBack = false
    }

    private static let connectTime: Duration = .seconds(20)
    private static let callTime: Duration = .seconds(15)
    private static let agentKind: UInt64 = 4
    private static let mostPast = 200
    private static let trial: Duration = .seconds(20)
    /// LiveKit's reasons that come from the server itself, or from us: left, the identity joined again, shut down, removed,
    /// deleted, closed. With any other one it was out of reach.
    private static let told: Set<Int> = [1, 2, 3, 4, 5, 10]

    /// Everything from the moment of joining on, until `ended`. For one reader.
    package let activities: AsyncStream<RoomActivity>
    /// Our own at first, as the server names this stay; a server that has lost us gives us another.
    package let sid: String

    private let process: NativeProcess
    private let room: UInt64
    private let participant: UInt64
    private let topics: Set<String>
    private let state = Mutex(State())
    private let continuation: AsyncStream<RoomActivity>.Continuation

    /// Those who are in the room beside us, by their identities.
    package var others: [String: RoomMember] { state.withLock { $0.others } }

    package var isOver: Bool { state.withLock(\.isOver) }

    /// Whether it is over because the server could not be reached any more.
    package var hasLostContact: Bool { state.withLock { $0.hasLostContact || ($0.isOver && $0.isLost) } }

    /// Whether the library tries to get the connection back; who else is there can't be told then.
    package var isLost: Bool { state.withLock(\.isLost) }

    /// How often the connection was lost so far, whether or not the library has got it back.
    package var losses: Int { state.withLock(\.losses) }

    /// Texts that were lost because too many waited to be taken.
    package var dropped: Int { state.withLock(\.dropped) }

    /// Whether the connection was lost and regained a moment ago: should it not carry after all, the library notices within
    /// this time, and loses it again. Until then it takes texts that get nowhere.
    package var isShaky: Bool {
        state.withLock { $0.regainedAt.map { .now - $0 < Self.trial } ?? false }
    }

    /// Who is there or was there a while ago.
    package func member(_ identity: String) -> RoomMember? {
        state.withLock { $0.others[identity] ?? $0.past[identity] }
    }

    /// - Parameters:
    ///   - topics: of the text streams to listen to.
    ///   - attributes: of our own; setting them shows us to the others at once.
    ///   - backlog: activities that may wait to be taken; what is said beyond them is dropped.
    package static func join(
        _ library: ParticipantLibrary, url: String, token: SignedToken, topics: Set<String>,
        attributes: [String: String], backlog: Int = 1000
    ) async throws(ParticipantError) -> RoomConnection {
        let process = try await library.process()
        let outcome = try await process.call(3, within: connectTime + .seconds(10)) { request, id in
            request.text(1, url)
            request.text(2, token.reveal())
            request.message(3) { options in
                options.flag(1, false)
                // Gathered once: otherwise each room holds dozens of sockets.
                options.message(5) { network in network.integer(2, 0) }
                options.integer(6, 1)
                options.integer(9, UInt64(connectTime.components.seconds * 1000))
            }
            request.integer(4, id)
        }
        if let problem = outcome.text(2) { throw .failed(TwirpReply.redacted(problem)) }
        guard let result = outcome.message(3), let room = result.message(1)?.message(1)?.integer(1),
            let participant = result.message(2)?.message(1)?.integer(1)
        else { throw .failed("the library gave no room") }
        let connection = RoomConnection(
            process, room: room, participant: participant, sid: result.message(2)?.message(2)?.text(1) ?? "",
            topics: topics, backlog: backlog)
        for other in result.messages(3) { connection.note(other.message(1)) }
        do throws(ParticipantError) {
            guard process.events.listen(toRoom: room, { [weak connection] in connection?.take($0) }) else {
                throw ParticipantError.ended
            }
            // Without this no event of the room ever comes.
            process.post(83) { $0.integer(1, room) }
            try await connection.set(attributes)
        } catch {
            await connection.leave()
            throw error
        }
        return connection
    }

    private init(
        _ process: NativeProcess, room: UInt64, participant: UInt64, sid: String, topics: Set<String>, backlog: Int
    ) {
        self.process = process
        self.room = room
        self.participant = participant
        self.sid = sid
        self.topics = topics
        (activities, continuation) = AsyncStream.makeStream(bufferingPolicy: .bufferingOldest(backlog))
    }

    /// Sets attributes of our own. The server answers that, so when it succeeds the server has been there all the while.
    package func set(_ attributes: [String: String]) async throws(ParticipantError) {
        guard !isOver else { throw .ended }
        let outcome = try await process.call(11, within: Self.callTime) { request, id in
            request.integer(1, participant)
            request.entries(2, attributes)
            request.integer(3, id)
        }
        if let problem = outcome.text(2) { throw .failed(TwirpReply.redacted(problem)) }
    }

    /// Says something as one text stream. That it was sent is no proof that it was heard.
    /// - Parameter identities: who is to hear it; at least one.
    /// - Throws: `timedOut` when it may have been sent all the same.
    package func say(
        _ text: String, topic: String, to identities: [String], attributes: [String: String] = [:]
    ) async throws(ParticipantError) {
        guard !isOver else { throw .ended }
        let outcome: ProtobufMessage
        do {
            outcome = try await process.call(60, within: Self.callTime) { request, id in
                request.integer(1, participant)
                request.message(2) { options in
                    options.text(1, topic)
                    options.entries(2, attributes)
                    // Sent to all, a short text goes inline, which older clients never see the end of.
                    for identity in identities { options.text(3, identity) }
                }
                request.text(3, text)
                request.integer(4, id)
            }
        } catch .ended {
            throw .timedOut
        }
        if let problem = outcome.message(3) {
            throw .failed(TwirpReply.redacted(problem.text(1) ?? "the text was not sent"))
        }
    }

    /// Gives up text streams that don't go on. To be called now and then.
    package func tidy() {
        tell { state in
            let (readers, texts) = state.streams.expire(at: .now)
            for reader in readers { process.events.ignore(reader: reader) }
            return texts
        }
    }

    /// Leaves the room and gives everything back to the library. Nothing comes after it.
    package func leave() async {
        let isFirst = state.withLock { state in
            defer { state.isOver = true }
            return !state.isOver
        }
        if isFirst {
            // The server sees us leave in any case; this tells it at once.
            _ = try? await process.call(4, within: Self.callTime) { request, id in
                request.integer(1, room)
                request.integer(2, id)
            }
        }
        process.events.ignore(room: room)
        let handles = state.withLock { state -> [UInt64] in
            defer { state.isGivenBack = true }
            return state.isGivenBack ? [] : Array(state.handles.values) + [participant, room]
        }
        for handle in handles { process.drop(handle) }
        continuation.finish()
    }

    // MARK: What the library tells; on the thread that reads it

    private func take(_ event: ProtobufMessage?) {
        guard let event else { return finish(reason: nil) }
        if let joined = event.message(2) {
            note(joined.message(1))
        } else if let left = event.message(3), let identity = left.text(1) {
            forget(identity)
        } else if let changed = event.message(19), let identity = changed.text(1) {
            state.withLock { $0.others[identity]?.attributes = changed.entries(2) }
        } else if let packet = event.message(27) {
            // Nobody here reads packets, but each holds memory.
            process.drop(packet.message(4)?.message(1)?.message(1)?.integer(1))
        } else if let opened = event.message(34) {
            process.drop(opened.message(1)?.message(1)?.integer(1))
        } else if let opened = event.message(35) {
            open(opened)
        } else if event.message(23) != nil {
            state.withLock { state in
                state.losses += 1
                state.isLost = true
            }
        } else if event.message(24) != nil {
            state.withLock { state in
                state.regainedAt = .now
                state.isLost = false
            }
        } else if let disconnected = event.message(22) {
            finish(reason: disconnected.integer(1).map(Int.init) ?? 0)
        }
    }

    private func note(_ owned: ProtobufMessage?) {
        guard let owned, let info = owned.message(2), let identity = info.text(3) else { return }
        let former = state.withLock { state -> UInt64? in
            state.others[identity] = RoomMember(
                name: info.text(2) ?? "", isAgent: info.integer(7) == Self.agentKind, attributes: info.entries(6),
                seenAt: .now)
            let former = state.handles[identity]
            state.handles[identity] = owned.message(1)?.integer(1)
            return former
        }
        process.drop(former)
    }

    private func forget(_ identity: String) {
        let handle = state.withLock { state in
            if state.past.count >= Self.mostPast { state.past = [:] }
            if let member = state.others.removeValue(forKey: identity) { state.past[identity] = member }
            return state.handles.removeValue(forKey: identity)
        }
        process.drop(handle)
    }

    private func open(_ opened: ProtobufMessage) {
        guard let reader = opened.message(1)?.message(1)?.integer(1), let info = opened.message(1)?.message(2) else {
            return
        }
        let header = TextStreams.Header(
            topic: info.text(4) ?? "", identity: opened.text(2) ?? "", streamID: info.text(1) ?? "",
            attributes: info.entries(6))
        guard topics.contains(header.topic), state.withLock({ $0.streams.open(reader, header, at: .now) }) else {
            return process.drop(reader)
        }
        process.events.listen(toReader: reader) { [weak self] in self?.read($0, reader) }
        process.post(57) { $0.integer(1, reader) }
    }

    private func read(_ event: ProtobufMessage?, _ reader: UInt64) {
        guard let event else { return }
        if let chunk = event.message(2) {
            tell { $0.streams.add(chunk.text(1) ?? "", to: reader, at: .now) }
        } else if let end = event.message(3) {
            process.events.ignore(reader: reader)
            tell { $0.streams.end(reader, end.message(1) == nil ? end.entries(2) : nil) }
        }
    }

    private func tell(_ said: (inout State) -> [(TextStreams.Header, String)]) {
        for (header, text) in state.withLock({ said(&$0) }) {
            let outcome = continuation.yield(
                .said(
                    RoomText(
                        topic: header.topic, identity: header.identity, streamID: header.streamID, text: text,
                        attributes: header.attributes)))
            if case .dropped = outcome { state.withLock { $0.dropped += 1 } }
        }
    }

    private func finish(reason: Int?) {
        state.withLock { state in
            state.isOver = true
            state.hasLostContact = reason.map { !Self.told.contains($0) } ?? false
        }
        continuation.yield(.ended(reason: reason))
        continuation.finish()
    }
}
