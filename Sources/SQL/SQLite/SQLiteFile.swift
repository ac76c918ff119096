import CSQLite
import Foundation

/// Where the database file is, and how a connection to it is set up.
struct SQLiteFile: Sendable {
    let path: String
    let timeout: Duration

    func open(readOnly: Bool) throws(SQLError) -> any Driver {
        if !readOnly { try create() }
        var database: OpaquePointer?
        let flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE
        let code = sqlite3_open_v2(path, &database, flags, nil)
        guard code == SQLITE_OK, let database else {
            let error = SQLiteErrors.error(code, database)
            sqlite3_close_v2(database)
            throw SQLError(.unavailable, "the SQLite file can't be opened: \(error.message)")
        }
        let driver = SQLiteDriver(database, timeout: timeout)
        // Text in double quotes is never a string, as in PostgreSQL.
        vestibule_db_config(database, SQLITE_DBCONFIG_DQS_DML, 0)
        vestibule_db_config(database, SQLITE_DBCONFIG_DQS_DDL, 0)
        vestibule_db_config(database, SQLITE_DBCONFIG_DEFENSIVE, 1)
        do {
            try driver.runScript(
                """
                PRAGMA journal_mode = WAL;
                PRAGMA synchronous = FULL;
                PRAGMA foreign_keys = ON;
                PRAGMA temp_store = MEMORY;
                PRAGMA journal_size_limit = 67108864;
                PRAGMA query_only = \(readOnly ? "ON" : "OFF")
                """)
            return driver
        } catch {
            driver.close()
            throw error
        }
    }

    /// Made here and not by SQLite, so that nobody else can ever read it; its companions take over the mode.
    private func create() throws(SQLError) {
        let folder = (path as NSString).deletingLastPathComponent
        if !folder.isEmpty {
            do {
                try FileManager.default.createDirectory(
                    atPath: folder, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
            } catch {
                throw SQLError(.unavailable, "the folder of the SQLite file can't be created: \(folder)")
            }
        }
        let descriptor = Glibc.open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else {
            throw SQLError(.unavailable, "the SQLite file can't be opened: \(String(cString: strerror(errno)))")
        }
        Glibc.close(descriptor)
    }
}
