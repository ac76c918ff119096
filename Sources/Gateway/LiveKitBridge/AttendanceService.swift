import LiveKit
import Logging
import SQL
import ServiceLifecycle

/// Keeps the gateway in each LiveKit room in which somebody else is, and out of all others.
struct AttendanceService: Service {
    let database: Database
    let library: ParticipantLibrary
    let context: TalkContext
    /// Raised when somebody may have joined.
    let signal: Signal
    private let rooms = AttendedRooms()

    private static let look: Duration = .seconds(1)
    private static let renewal: Duration = .seconds(4)
    /// Rooms joined with one look: each takes some tens of milliseconds of a processor.
    private static let joins = 8
    /// Rooms that one gateway is in at once.
    private static let most = 500
    /// With a library that can't be used.
    private static let pause: Duration = .seconds(30)
    /// Seconds; LiveKit renews the token of who is there.
    private static let life: Int64 = 6 * 60 * 60

    init(database: Database, library: ParticipantLibrary, context: TalkContext, signal: Signal) {
        self.database = database
        self.library = library
        self.context = context
        self.signal = signal
    }

    func run() async throws {
        await withTaskCancellationOrGracefulShutdownHandler {
            await withDiscardingTaskGroup { group in
                group.addTask {
                    await RoomCensus(database: database, context: context, found: signal).run(until: rooms.stopped)
                }
                var problem: String?
                var nextRenewal = ContinuousClock.now
                while !rooms.isStopping.isRaised {
                    let found = await self.problem()
                    if problem == nil, let found {
                        context.logger.error(
                            "the gateway takes part in no LiveKit room", metadata: ["cause": "\(found)"])
                    }
                    problem = found
                    if problem == nil {
                        if ContinuousClock.now >= nextRenewal, await renew() { nextRenewal = .now + Self.renewal }
                        // Before it is renewed, a room that the gateway is in may look like one that nobody holds.
                        if ContinuousClock.now < nextRenewal {
                            for room in await claim() {
                                // It is in there already: the clock was set forward, or its last stay takes long to end.
                                guard let end = rooms.insert(room) else { continue }
                                group.addTask { await attend(room, end) }
                            }
                        }
                    }
                    context.counters.attended.set(Double(rooms.count))
                    await signal.wait(atMost: problem == nil ? Self.look : Self.pause)
                }
                rooms.endAll()
            }
            context.counters.attended.set(0)
            await library.close()
        } onCancelOrGracefulShutdown: {
            rooms.endAll()
            signal.raise()
        }
    }

    /// Why the library can't be used.
    private func problem() async -> String? {
        do throws(ParticipantError) {
            try await library.open()
            return nil
        } catch {
            return error.summary
        }
    }

    private func claim() async -> [RoomName] {
        let free = min(Self.joins, Self.most - rooms.count)
        guard free > 0 else { return [] }
        do {
            return try await context.attendance.claim(atMost: free)
        } catch {
            let cause = GatewayError(wrapping: error)
            context.logger.warning(
                "LiveKit rooms can't be claimed", metadata: ["cause": "\(cause.cause ?? cause.message)"])
            return []
        }
    }

    /// While the database is away rooms are kept: whoever wants one can't have it either.
    private func renew() async -> Bool {
        do {
            rooms.end(allBut: try await context.attendance.renew(rooms.names))
            return true
        } catch {
            return false
        }
    }

    private func attend(_ name: RoomName, _ end: Signal) async {
        let began = ContinuousClock.now
        var ending = RoomTalk.Ending.over
        do {
            let room = try await database.read { session in try Room.find(name, session) }
            guard let room else { return rooms.remove(name, end) }
            let connection = try await RoomConnection.join(
                library, url: context.server.url.signalling, token: try token(for: room),
                topics: [TalkContext.chat, TalkContext.transcription],
                attributes: [RoomParticipant.role.attribute: CustomerVoice.role])
            ending = await RoomTalk(
                room: room, connection: connection, context: context, end: end, isStopping: rooms.isStopping
            ).run()
        } catch {
            if rooms.isFirstFailure(of: name) {
                let cause = (error as? ParticipantError)?.summary ?? GatewayError(wrapping: error).message
                context.logger.warning("a LiveKit room can't be joined", metadata: ["cause": "\(cause)"])
            }
        }
        let rest = rooms.rest(of: name, after: ending, within: ContinuousClock.now - began)
        // A webhook was missed where somebody seems to be there still.
        if ending == .idle { await look(into: name) }
        await giveBack(name, end, rest: rest)
    }

    private func look(into name: RoomName) async {
        do {
            _ = try await Presence.look(into: name, context.server, database, context.clock)
        } catch {
            context.logger.info("who is in a LiveKit room can't be told")
        }
    }

    private func giveBack(_ name: RoomName, _ end: Signal, rest: Milliseconds) async {
        // First of all: once it is given back it may be claimed again, and from here on nobody renews it.
        rooms.remove(name, end)
        do {
            try await context.attendance.release(name, rest: rest)
        } catch {
            // Its lease lapses.
            context.logger.info("a LiveKit room was left without a word")
        }
    }

    /// Under the room's own name, which no one else gets a token for, and seen as the customer.
    private func token(for room: Room) throws -> SignedToken {
        var grants = VideoGrants.join(room.name.rawValue)
        grants.canPublish = false
        grants.canPublishData = true
        grants.canSubscribe = true
        grants.canUpdateOwnMetadata = true
        var token = AccessToken(grants, identity: room.name.rawValue)
        token.name = room.contactName ?? room.phoneNumber ?? room.title
        token.kind = .connector
        token.kindDetails = ["connector_whatsapp"]
        token.room = room.liveKitConfiguration()
        return try token.signed(by: context.server.key, at: context.server.clock.now(), life: Self.life)
    }
}
