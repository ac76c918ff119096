import Foundation
import SQL
import Testing

/// A PostgreSQL server of a test's own, which can crash, and become a standby, which takes no writes.
struct OwnPostgres: Sendable {
    /// Of a superuser; finds the server in recovery, too.
    let url: String
    private let server: OwnServer
    private let data: URL

    static let hint: Comment = "PostgreSQL 15 or later has to be installed, for a server of the test's own"
    static let isInstalled = bin != nil

    /// The newest installed server's programs.
    private static let bin: String? = {
        let root = "/usr/lib/postgresql"
        // No such folder is no server.
        let versions = (try? FileManager.default.contentsOfDirectory(atPath: root)) ?? []
        let folders = versions.compactMap(Int.init).filter { $0 >= 15 }.sorted(by: >).map { "\(root)/\($0)/bin" }
        return ([ProcessInfo.processInfo.environment["POSTGRES_BIN"]].compactMap(\.self) + folders)
            .first { FileManager.default.isExecutableFile(atPath: $0 + "/postgres") }
    }()

    /// PostgreSQL refuses to run as root: then it runs as the package's own user.
    private static let asUser: [String] =
        geteuid() == 0 ? ["/usr/bin/setpriv", "--reuid=postgres", "--regid=postgres", "--clear-groups", "--"] : []

    static func run(_ body: (OwnPostgres) async throws -> Void) async throws {
        let bin = try #require(bin, hint)
        try await withFolder { folder in
            let postgres = try await OwnPostgres(bin, folder)
            try await always {
                try await postgres.server.start()
                try await body(postgres)
            } finally: {
                // Its folder goes with it; what matters has been checked.
                try? await postgres.crash()
            }
        }
    }

    private init(_ bin: String, _ folder: URL) async throws {
        let (password, port) = (UUID().uuidString, freePort())
        let secret = folder.appending(path: "password")
        try Data(password.utf8).write(to: secret)
        data = folder.appending(path: "data")
        try FileManager.default.createDirectory(at: data, withIntermediateDirectories: false)
        try Self.hand(data)
        let log = folder.appending(path: "log.txt")
        try await OwnServer.run(
            Self.asUser + [
                bin + "/initdb", "--pgdata", data.path, "--username", "postgres", "--pwfile", secret.path, "--auth",
                "scram-sha-256", "--encoding", "UTF8", "--locale", "C", "--no-instructions",
            ], log: log)
        let url = "postgres://postgres:\(password)@127.0.0.1:\(port)/postgres?target_session_attrs=any"
        self.url = url
        let settings = [
            "listen_addresses=127.0.0.1", "port=\(port)", "unix_socket_directories=", "max_connections=60",
            "shared_buffers=32MB",
        ]
        server = OwnServer(
            Self.asUser + [bin + "/postgres", "-D", data.path] + settings.flatMap { ["-c", $0] }, log: log
        ) {
            // Not yet is why it is asked again.
            (try? await Self.stores(url).count("SELECT 1 AS n")) == 1
        }
    }

    /// Ends all its processes at once, without a checkpoint.
    func crash() async throws { try await server.end(SIGQUIT) }

    /// Starts it on what a crash left.
    func start() async throws { try await server.start() }

    /// Starts it again in recovery: it answers, and refuses each write, whatever the transaction asks for.
    func becomeStandby() async throws {
        try await server.end(SIGINT)
        let mark = data.appending(path: "standby.signal")
        try Data().write(to: mark)
        try Self.hand(mark)
        try await server.start()
    }

    func promote() async throws {
        let isPromoted = try await Self.stores(url).rows("SELECT pg_promote(true, 60) AS done").first?.bool("done")
        try #require(isPromoted == true)
    }

    private static func stores(_ url: String) -> Stores {
        Stores(environment: [:], location: .postgres(url: url), mongoURI: nil)
    }

    /// Gives a file to the server's user.
    private static func hand(_ file: URL) throws {
        guard geteuid() == 0 else { return }
        let user = try #require(getpwnam("postgres"), "the server's package makes this user").pointee
        try #require(chown(file.path, user.pw_uid, user.pw_gid) == 0)
    }
}
