/// One step of the schema, from a file `NNNN-name.sql`. Never edited once it has landed.
package struct Migration: Sendable {
    package let number: Int
    package let name: String
    package let sql: String

    package init(number: Int, name: String, sql: String) {
        self.number = number
        self.name = name
        self.sql = sql
    }

    /// FNV-1a over the text, line endings aside: enough to notice an edit.
    var checksum: String {
        var hash: UInt64 = 0xcbf2_9ce4_8422_2325
        for byte in sql.utf8 where byte != 13 {
            hash = (hash ^ UInt64(byte)) &* 0x100_0000_01b3
        }
        let digits = String(hash, radix: 16)
        return String(repeating: "0", count: 16 - digits.count) + digits
    }
}

package struct MigrationReport: Sendable, Hashable {
    /// The schema's number before and after; 0 for an empty database.
    package let from: Int
    package let to: Int
    /// `0002-second`, in the order they ran.
    package let applied: [String]
}
