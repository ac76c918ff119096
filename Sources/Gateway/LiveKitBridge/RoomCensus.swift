import LiveKit
import SQL

/// Looks from time to time for rooms in which somebody is that no webhook told of.
struct RoomCensus: Sendable {
    let database: Database
    let context: TalkContext
    /// Raised when there are some.
    let found: Signal

    private static let pause: Duration = .seconds(10)
    /// Longer, the more rooms there are.
    private static let pausePerRoom: Duration = .milliseconds(10)
    /// Rooms that are asked about at once.
    private static let most = 20

    func run(until stopped: Signal) async {
        var pause = Self.pause
        while await !stopped.isRaised(within: pause), !Task.isCancelled {
            do {
                let rooms = try await context.server.rooms.rooms()
                pause = max(Self.pause, Self.pausePerRoom * rooms.count)
                let unknown = try await unknown(rooms.filter { $0.participants > 0 }.map(\.name))
                for room in unknown.prefix(Self.most) {
                    _ = try await Presence.look(into: room, context.server, database, context.clock)
                    found.raise()
                }
            } catch {
                // LiveKit or the database is away, as others tell; the next census finds what there is.
                pause = Self.pause
            }
        }
    }

    /// Which of these are rooms here in which nobody is known to be.
    private func unknown(_ names: [String]) async throws -> [RoomName] {
        var rows = SQLRows([("name", .text)])
        for name in Set(names) { rows.append([.text(name)]) }
        return try await database.read { [rows] session in
            try session.batch(
                """
                SELECT m.room_name FROM {rows} JOIN rooms m ON m.room_name = r.name
                WHERE NOT EXISTS (
                    SELECT 1 FROM livekit_participants p
                    WHERE p.room_name = m.room_name AND p.left_at IS NULL AND p.identity <> p.room_name)
                """, rows
            ).map { RoomName(rawValue: try $0.text("room_name")) }
        }
    }
}
