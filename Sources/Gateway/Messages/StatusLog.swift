import JSON
import SQL
import WhatsApp

/// Every status that Meta reported, each once; also of messages that are not known yet.
enum StatusLog {
    /// A report without a time bears that of its first arrival.
    /// - Returns: how many were new.
    static func record(_ reports: [IngestPlan.Report], _ session: SQLSession) throws -> Int {
        var rows = SQLRows([
            ("account", .text), ("id", .text), ("status", .text), ("participant", .text), ("timestamp", .bigint),
            ("callback", .text), ("errors", .json), ("pricing", .json), ("now", .bigint), ("timed", .boolean),
        ])
        var untimed: Set<[String?]> = []
        for report in reports {
            let update = report.update
            if update.timestamp == nil,
                !untimed.insert([report.account.rawValue, update.id, update.status, update.participant]).inserted
            {
                continue
            }
            let errors: JSON? = update.errors.isEmpty ? nil : .array(update.errors.map { MessageFailure($0).json() })
            rows.append([
                .text(report.account.rawValue), .text(update.id), MessageColumns.text(update.status),
                .text(update.participant ?? ""), .integer(update.timestamp ?? report.receivedAt),
                MessageColumns.text(update.callbackData), MessageColumns.json(errors),
                MessageColumns.json(update.pricing), .integer(report.receivedAt),
                .bool(update.timestamp != nil),
            ])
        }
        return try session.batch(
            """
            INSERT INTO message_statuses
                (account_id, whatsapp_message_id, status, participant, timestamp, callback_data, errors, pricing,
                received_at)
            SELECT r.account, r.id, r.status, r.participant, r.timestamp, r.callback, r.errors, r.pricing, r.now
            FROM {rows} WHERE r.timed OR NOT EXISTS (
                SELECT 1 FROM message_statuses s WHERE s.account_id = r.account AND s.whatsapp_message_id = r.id
                AND s.status = r.status AND s.participant = r.participant)
            ON CONFLICT DO NOTHING RETURNING whatsapp_message_id
            """, rows
        ).count
    }

    /// What is known of these messages, reports of unknown kinds left out.
    static func find(_ messages: [Message], _ session: SQLSession) throws -> [MessageIdentity: [StatusReport]] {
        var rows = SQLRows([("account", .text), ("id", .text)])
        for message in messages {
            guard let id = message.whatsappMessageID else { continue }
            rows.append([.text(message.account.rawValue), .text(id)])
        }
        let found = try session.batch(
            """
            SELECT s.account_id, s.whatsapp_message_id, s.status, s.timestamp, s.participant, s.errors
            FROM {rows}
            JOIN message_statuses s ON s.account_id = r.account AND s.whatsapp_message_id = r.id
            """, rows
        ).sorted {
            try ($0.integer("timestamp"), $0.text("status"), $0.text("participant"))
                < ($1.integer("timestamp"), $1.text("status"), $1.text("participant"))
        }
        var reports: [MessageIdentity: [StatusReport]] = [:]
        for row in found {
            guard let status = MessageStatus(rawValue: try row.text("status")) else { continue }
            let failure = MessageFailure(stored: try row.json("errors")?[0])
            let key = MessageIdentity(
                account: AccountID(rawValue: try row.text("account_id")),
                whatsappMessageID: try row.text("whatsapp_message_id"))
            reports[key, default: []].append(
                StatusReport(
                    status: status, timestamp: try row.integer("timestamp"),
                    failure: failure
                        ?? (status == .failed
                            ? MessageFailure(reason: "WhatsApp reported a failure without a reason") : nil),
                    participant: Self.participant(try row.text("participant"))))
        }
        return reports
    }

    /// Numbers are kept as the digits that came.
    private static func participant(_ id: String) -> String? {
        if id.isEmpty { return nil }
        return id.utf8.allSatisfy { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) } ? "+\(id)" : id
    }
}
