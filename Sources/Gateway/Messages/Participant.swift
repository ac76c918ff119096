import JSON

/// How far a message to a group has come with one of the group.
package struct Participant: Sendable, Hashable {
    /// E.164 with `+`, or a user id.
    package let id: String
    package private(set) var status = MessageStatus.pending
    /// The first report of each kind.
    private var times: [MessageStatus: Milliseconds] = [:]
    private var failure: MessageFailure?

    private static let timed: [(status: MessageStatus, key: String)] = [
        (.sent, "sentAt"), (.delivered, "deliveredAt"), (.read, "readAt"), (.played, "playedAt"), (.failed, "failedAt"),
    ]

    init(id: String) { self.id = id }

    mutating func apply(_ report: StatusReport) {
        times[report.status] = min(times[report.status] ?? report.timestamp, report.timestamp)
        if report.status == .failed { failure = report.failure ?? failure }
        status = max(status, report.status)
    }

    /// As the API shows it; a failure that a delivery outran is left out.
    func json() -> JSON {
        var object: JSONObject = ["participant": .string(id), "status": .string(status.rawValue)]
        for (status, key) in Self.timed where status != .failed || self.status == .failed {
            object[key] = times[status].map(JSON.integer)
        }
        if status == .failed { object["failedReason"] = failure.map { .string($0.reason) } }
        return .object(object)
    }

    func stored() -> JSON {
        var object: JSONObject = ["id": .string(id), "status": .string(status.rawValue)]
        for (status, key) in Self.timed { object[key] = times[status].map(JSON.integer) }
        object["failure"] = failure?.json()
        return .object(object)
    }

    init?(stored: JSON) {
        guard let id = stored["id"]?.string,
            let status = stored["status"]?.string.flatMap(MessageStatus.init(rawValue:))
        else { return nil }
        self.id = id
        self.status = status
        for (status, key) in Self.timed { times[status] = stored[key]?.int }
        failure = MessageFailure(stored: stored["failure"])
    }
}
