import Logging

/// What taking part in any room needs.
struct TalkContext: Sendable {
    let server: LiveKitServer
    let attendance: Attendance
    let events: EventReader
    let hub: EventHub
    let outbound: OutboundService
    /// What stands before the path of a file.
    let mediaBase: String?
    let clock: Clock
    let counters: LiveKitMetrics
    let logger: Logger

    /// Where people write, and where agents' words come.
    static let chat = "lk.chat"
    static let transcription = "lk.transcription"
    /// Where a speaker is told that something can't be sent.
    static let refusals = "vestibule.refused"
}
