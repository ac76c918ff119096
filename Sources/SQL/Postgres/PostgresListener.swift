import CPostgres
import Foundation

/// A connection that listens, on a thread of its own, and tells other processes what was committed in this one.
actor PostgresListener {
    private static let pause: Duration = .seconds(1)
    /// Between two times that others are told. A notice in each commit would make all commits wait for one another, and
    /// wake every listener as often.
    private static let tellingPause: Duration = .milliseconds(10)

    private let connector: PostgresConnector
    private let channel: String
    /// Told when it listens, from then on it can tell others, and when it does no more.
    private let onConnection: @Sendable (Bool) -> Void
    private var isToTell = false
    private let executor = ThreadExecutor(name: "postgres-listen")

    nonisolated var unownedExecutor: UnownedSerialExecutor { executor.asUnownedSerialExecutor() }

    init(connector: PostgresConnector, channel: String, onConnection: @escaping @Sendable (Bool) -> Void) {
        self.connector = connector
        self.channel = channel
        self.onConnection = onConnection
    }

    /// Listens until the interrupt is raised, through any number of connections, and tells others when it is rung.
    func run(until interrupt: Interrupt, heard: @Sendable () -> Void) {
        while !interrupt.isRaised {
            do {
                let wire = try connector.open { wire throws(SQLError) in wire }
                let schema = try subscribe(wire)
                onConnection(true)
                defer { onConnection(false) }
                // Whatever was told while nobody listened is lost: it counts as told now.
                heard()
                try hear(wire, schema, interrupt, heard)
            } catch {
                // The connector has said so in the log; what isn't heard of is found by looking.
                rest(unless: interrupt)
            }
        }
    }

    private func rest(unless interrupt: Interrupt) {
        let end = ContinuousClock.now + Self.pause
        while !interrupt.isRaised, ContinuousClock.now < end {
            if interrupt.takeRing() { isToTell = true }
            interrupt.wait(atMost: end - .now)
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
        var nextTelling = ContinuousClock.now
        while true {
            var isHeard = false
            while let notice = PQnotifies(wire.pointer) {
                // What it told itself, this process knows.
                let isOwn = notice.pointee.be_pid == PQbackendPID(wire.pointer)
                if !isOwn, String(cString: notice.pointee.extra) == schema { isHeard = true }
                PQfreemem(notice)
            }
            if isHeard { heard() }
            if interrupt.takeRing() { isToTell = true }
            let isOver = interrupt.isRaised
            let now = ContinuousClock.now
            if isToTell, isOver || now >= nextTelling {
                try tell(wire)
                nextTelling = now + Self.tellingPause
            } else if isOver {
                break
            } else {
                try wire.waitForInput(or: interrupt, atMost: isToTell ? nextTelling - now : nil)
            }
        }
    }

    private func tell(_ wire: PostgresWire) throws(SQLError) {
        _ = try wire.exchange(until: .now + .seconds(10)) { PQsendQuery($0, "SELECT \(Notice.call(self.channel))") }
        isToTell = false
    }
}

/// How a notification is put: the channel has the program's name in front, the payload names the schema.
enum Notice {
    static let payload = "COALESCE(current_schema(), '')"

    static func channel(_ name: String) -> String { "vestibule_\(name)" }
    static func call(_ name: String) -> String { "pg_notify('\(channel(name))', \(payload))" }
}
