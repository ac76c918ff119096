/// Prepared statements by their SQL; when full, the one unused for longest goes.
struct StatementCache<Statement> {
    private struct Entry {
        var statement: Statement
        var lastUse: UInt64
    }

    private let capacity: Int
    private var entries: [String: Entry] = [:]
    private var uses: UInt64 = 0

    init(capacity: Int = 200) { self.capacity = capacity }

    var statements: [Statement] { entries.values.map(\.statement) }

    mutating func find(_ sql: String) -> Statement? {
        uses += 1
        guard let index = entries.index(forKey: sql) else { return nil }
        entries.values[index].lastUse = uses
        return entries.values[index].statement
    }

    /// Gives the statement that had to go.
    mutating func insert(_ statement: Statement, for sql: String) -> Statement? {
        uses += 1
        let replaced = entries.updateValue(Entry(statement: statement, lastUse: uses), forKey: sql)?.statement
        if replaced != nil || entries.count <= capacity { return replaced }
        guard let oldest = entries.min(by: { $0.value.lastUse < $1.value.lastUse })?.key else { return nil }
        return entries.removeValue(forKey: oldest)?.statement
    }

    mutating func remove(_ sql: String) -> Statement? { entries.removeValue(forKey: sql)?.statement }

    mutating func removeAll() { entries.removeAll() }
}
