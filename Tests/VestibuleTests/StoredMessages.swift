import Foundation
import JSON
import Mongo
import SQL
import Testing

/// The messages of the API beside what stands in the databases.
enum StoredMessages {
    private static let jsonColumns: Set<String> = ["reactions", "location", "contacts", "interactive", "metadata"]
    private static let columns: [String: String] = [
        "message_id": "messageId", "whatsapp_message_id": "whatsappMessageId", "account_id": "account",
        "phone_number": "phoneNumber", "room_name": "roomName", "sequence": "sequence", "type": "type",
        "text": "text", "media_url": "mediaUrl", "media_type": "mediaType", "media_status": "mediaStatus",
        "media_reason": "mediaReason", "file_name": "fileName", "file_size": "fileSize", "mime_type": "mimeType",
        "caption": "caption", "direction": "direction", "status": "status", "reply_to": "replyTo",
        "timestamp": "timestamp", "sent_at": "sentAt", "delivered_at": "deliveredAt", "read_at": "readAt",
        "played_at": "playedAt", "failed_reason": "failedReason", "edited_at": "editedAt",
        "deleted_at": "deletedAt", "expires_at": "expiresAt", "reactions": "reactions", "location": "location",
        "contacts": "contacts", "interactive": "interactive", "metadata": "metadata",
    ]

    /// Expects the same messages with equal fields in both SQL tables and, where there is one, both collections of the
    /// mirror, which may lag behind.
    static func expectEqual(
        to told: [JSON], in site: Site, sourceLocation: SourceLocation = #_sourceLocation
    ) async throws {
        for table in ["whatsapp_messages", "chat_messages"] {
            let rows = try await site.stores.rows("SELECT * FROM \(table) ORDER BY sequence")
            #expect(rows.count == told.count, "\(table)", sourceLocation: sourceLocation)
            for (row, message) in zip(rows, told) {
                for (column, field) in columns {
                    let stored = try value(of: row, column)
                    #expect(
                        stored == expected(message, field), "\(field) in \(table)", sourceLocation: sourceLocation)
                }
            }
        }
        guard site.stores.mongoURI != nil else { return }
        for collection in ["whatsappMessages", "chatMessages"] {
            let expected = Dictionary(uniqueKeysWithValues: told.map { (id($0["messageId"]), fields($0)) })
            try await eventually("\(collection) of the mirror equals SQL") {
                let found = try await site.stores.documents(collection)
                let byID = Dictionary(uniqueKeysWithValues: found.map { ($0["_id"]?.string ?? "", fields($0)) })
                return byID == expected ? true : nil
            }
        }
    }

    private static func id(_ value: JSON?) -> String { value?.string ?? "" }

    private static func value(of row: SQLRow, _ column: String) throws -> JSON? {
        switch row[column] {
        case .null: nil
        case .integer(let number): .integer(number)
        case .text(let text): jsonColumns.contains(column) ? try JSON(parsing: text.utf8) : .string(text)
        case .bool(let flag): .bool(flag)
        case .double(let number): .number(number)
        case .bytes: nil
        }
    }

    private static func expected(_ message: JSON, _ field: String) -> JSON? {
        guard field == "expiresAt" else { return message[field] }
        return message[field]?.string.flatMap(milliseconds).map(JSON.integer)
    }

    private static func fields(_ message: JSON) -> [String: BSONValue] {
        var fields: [String: BSONValue] = [:]
        for (key, value) in message.object ?? [:] { fields[key] = BSONValue(value) }
        fields["expiresAt"] = message["expiresAt"]?.string.flatMap(milliseconds).map { .date(milliseconds: $0) }
        return fields
    }

    /// What a document holds beside what is the mirror's own.
    private static func fields(_ document: BSONDocument) -> [String: BSONValue] {
        var fields: [String: BSONValue] = [:]
        for (key, value) in document where key != "_id" && key != "revision" { fields[key] = value }
        return fields
    }

    /// Of `2028-12-13T16:00:00.000Z`, since 1970.
    static func milliseconds(_ text: String) -> Int64? {
        let style = Date.ISO8601FormatStyle(includingFractionalSeconds: true)
        guard let date = try? Date(text, strategy: style) else { return nil }  // nil is what the caller expects
        return Int64((date.timeIntervalSince1970 * 1000).rounded())
    }
}
