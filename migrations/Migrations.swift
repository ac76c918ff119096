/// The schema, one file a step, compiled into the program. Steps are forward-only and never edited once they landed.
package enum Migrations {
    /// Number, name and SQL of each step, in order.
    package static let all: [(number: Int, name: String, sql: String)] = [
        (1, "schema", String(decoding: PackageResources._001_schema_sql, as: UTF8.self)),
        (
            2, "send-limits-events",
            String(decoding: PackageResources._002_send_limits_events_sql, as: UTF8.self)
        ),
        (3, "jobs", String(decoding: PackageResources._003_jobs_sql, as: UTF8.self)),
        (4, "secrets", String(decoding: PackageResources._004_secrets_sql, as: UTF8.self)),
        (5, "event-log", String(decoding: PackageResources._005_event_log_sql, as: UTF8.self)),
        (6, "renditions", String(decoding: PackageResources._006_renditions_sql, as: UTF8.self)),
        (7, "room-tickets", String(decoding: PackageResources._007_room_tickets_sql, as: UTF8.self)),
        (8, "livekit", String(decoding: PackageResources._008_livekit_sql, as: UTF8.self)),
        (9, "erasure", String(decoding: PackageResources._009_erasure_sql, as: UTF8.self)),
        (10, "webhook-endpoints", String(decoding: PackageResources._010_webhook_endpoints_sql, as: UTF8.self)),
        (11, "room-attributes", String(decoding: PackageResources._011_room_attributes_sql, as: UTF8.self)),
        (
            12, "livekit-attendance", String(decoding: PackageResources._012_livekit_attendance_sql, as: UTF8.self)
        ),
        (13, "search", String(decoding: PackageResources._013_search_sql, as: UTF8.self)),
        (14, "endpoint-health", String(decoding: PackageResources._014_endpoint_health_sql, as: UTF8.self)),
        (15, "search-flushes", String(decoding: PackageResources._015_search_flushes_sql, as: UTF8.self)),
        (16, "erased-people", String(decoding: PackageResources._016_erased_people_sql, as: UTF8.self)),
    ]
}
