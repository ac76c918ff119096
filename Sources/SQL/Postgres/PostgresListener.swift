import CPostgres
import Foundation

/// A connection that only listens, on a thread of its own.
actor PostgresListener {
    private static let pause: Duration = .seconds(1)

    private let connector: PostgresConnector
    private let channel: String
    private let executor = ThreadExecutor(name: "postgres-listen")

    nonisolated var unownedExecutor: UnownedSerialExecutor { executor.asUnownedSerialExecutor() }

    init(connector: PostgresConnector, channel: String) {
        self.connector = connector
        self.channel = channel
    }

    /// Listens until the interrupt is raised, through any number of connections.
    func run(until interrupt: Interrupt, heard: @Sendable () -> Void) {
        while !interrupt.isRaised {
            do {
                let wire = try connector.open { wire throws(SQLError) in wire }
                let schema = try subscribe(wire)
                // Whatever was told while nobody listened is lost: it counts as told now.
                heard()
                try hear(wire, schema, interrupt, heard)
            } catch {
                // The connector has said so in the log; what isn't heard of is found by looking.
                interrupt.wait(atMost: Self.pause)
            }
        }
    }

    /// - Returns: the schema in use. Installations may share a database, each in a schema of its own.
    private func subscribe(_ wire: PostgresWire) throws(SQLError) -> String {
        let result = try wire.exchange(until: .now + .seconds(10)) {
            PQsendQuery($0, "LISTEN \(Notice.channel(self.channel)); SELECT \(Notice.payload)")
        }
        return PQgetvalue(result.pointer, 0, 0).map { String(cString: $0) } ?? ""
    }

    private func hear(
        _ wire: PostgresWire, _ schema: String, _ interrupt: Interrupt, _ heard: () -> Void
    ) throws(SQLError) {
        while !interrupt.isRaised {
            var isHeard = false
            while let notice = PQnotifies(wire.pointer) {
                if String(cString: notice.pointee.extra) == schema { isHeard = true }
                PQfreemem(notice)
            }
            if isHeard { heard() }
            try wire.waitForInput(or: interrupt)
        }
    }
}

/// How a notification is put: the channel has the program's name in front, the payload names the schema.
enum Notice {
    static let payload = "COALESCE(current_schema(), '')"

    static func channel(_ name: String) -> String { "vestibule_\(name)" }
    static func call(_ name: String) -> String { "pg_notify('\(channel(name))', \(payload))" }
}
