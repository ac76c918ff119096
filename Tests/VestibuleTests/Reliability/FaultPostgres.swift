import Foundation
import SQL
import Testing

/// A schema and a role of a test's own on a PostgreSQL server. The gateway reaches them through a proxy as that role,
/// the test directly as the superuser; so what fails for the gateway fails for nobody else.
struct FaultPostgres: Sendable {
    let proxy: OutageProxy
    /// The gateway's way.
    let url: String
    /// The test's way.
    let location: DatabaseLocation
    /// Of the role and of the schema.
    private let name: String

    /// - Parameter server: the URL of a superuser.
    static func run(_ server: String?, _ body: (FaultPostgres) async throws -> Void) async throws {
        let server = try #require(server, Storage.hint)
        let postgres = try FaultPostgres(server)
        let name = postgres.name
        try await postgres.execute(
            "CREATE ROLE \(name) LOGIN PASSWORD '\(name)'", "CREATE SCHEMA \(name) AUTHORIZATION \(name)")
        try await always {
            try await body(postgres)
        } finally: {
            // What a test leaves behind on a scratch server does no harm.
            try? await postgres.execute("DROP SCHEMA \(name) CASCADE", "DROP ROLE \(name)")
            postgres.proxy.stop()
        }
    }

    private init(_ server: String) throws {
        name = "f_" + UUID().uuidString.replacing("-", with: "").lowercased()
        var parts = try #require(URLComponents(string: server))
        proxy = try OutageProxy(to: UInt16(parts.port ?? 5432))
        var direct = parts
        direct.queryItems = (parts.queryItems ?? []) + [URLQueryItem(name: "options", value: "-csearch_path=\(name)")]
        location = .postgres(url: try #require(direct.string))
        parts.host = "127.0.0.1"
        parts.port = Int(proxy.port)
        parts.user = name
        parts.password = name
        url = try #require(parts.string)
    }

    private func execute(_ statements: String...) async throws {
        try await Stores(environment: [:], location: location, mongoURI: nil).withDatabase { database in
            try await database.transaction { session in
                for statement in statements { _ = try session.execute(statement) }
            }
        }
    }

    /// Ends the gateway's connections and lets it make no more, as when others have taken all of them.
    func exhaust() async throws {
        try await execute("ALTER ROLE \(name) CONNECTION LIMIT 0")
        try await execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = '\(name)'")
    }

    func relieve() async throws { try await execute("ALTER ROLE \(name) CONNECTION LIMIT -1") }

    /// Makes each COMMIT that holds a webhook or a new job take this long.
    func slowCommits(seconds: Double) async throws {
        try await execute(
            """
            CREATE FUNCTION slow() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
                IF coalesce(current_setting('fault.slept', true), '') <> txid_current()::text THEN
                    PERFORM set_config('fault.slept', txid_current()::text, true), pg_sleep(\(seconds));
                END IF;
                RETURN NULL;
            END $$
            """,
            """
            CREATE CONSTRAINT TRIGGER slow AFTER INSERT OR UPDATE ON webhook_events
            DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION slow()
            """,
            """
            CREATE CONSTRAINT TRIGGER slow AFTER INSERT ON jobs
            DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION slow()
            """)
    }

    /// The gateway's transactions go on while the triggers change, hence one at a time.
    func quickCommits() async throws {
        try await execute("DROP TRIGGER slow ON webhook_events")
        try await execute("DROP TRIGGER slow ON jobs")
    }
}
