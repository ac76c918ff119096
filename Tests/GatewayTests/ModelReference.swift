/// What a gateway must come to, kept in plain dictionaries and written without a look at how the gateway does it.
struct ModelReference {
    struct Line: Equatable {
        var id: String
        var isOutgoing: Bool
        var text: String
        /// Of incoming messages: 0 until they are read.
        var readAt: Int64 = 0
        /// Of outgoing ones, before any report: pending, unknown, sent or failed.
        var own = "pending"
        var deliveredAt: Int64 = 0
        /// The earliest of each kind of report, the gateway's own findings included.
        var reports: [String: Int64] = [:]
        var wamid: String?
    }

    struct Change {
        let target: String
        let kind: String
        let author: String
        let value: String
        let time: Int64
        var receivedAt: Int64
        let id: String
    }

    /// The message as a reader sees it.
    struct View: Equatable {
        var sequence: Int64
        var id: String
        var isOutgoing: Bool
        var text: String
        var status: String
        var times: [String: Int64]
        var reactions: [String: String]
        var isEdited: Bool
        var isDeleted: Bool
    }

    static let day: Int64 = 86_400_000

    private(set) var rooms: [Int: [Line]] = [:]
    private var reports: [String: [String: Int64]] = [:]
    private var changes: [String: Change] = [:]
    private var lastInbound: [Int: Int64] = [:]
    private var keys: [String: (customer: Int, id: String)] = [:]
    private var unknownSince: [String: Int64] = [:]
    private(set) var mistakes: [String] = []

    // MARK: What comes in

    mutating func text(_ customer: Int, id: String, _ text: String, time: Int64, receivedAt: Int64) {
        guard !holds(wamid: id) else { return }
        var line = Line(id: id, isOutgoing: false, text: text, wamid: id)
        line.deliveredAt = receivedAt
        rooms[customer, default: []].append(line)
        lastInbound[customer] = max(lastInbound[customer] ?? 0, min(time, receivedAt))
    }

    mutating func echo(_ customer: Int, id: String, _ text: String) {
        guard !holds(wamid: id) else { return }
        rooms[customer, default: []].append(Line(id: id, isOutgoing: true, text: text, own: "sent", wamid: id))
    }

    /// - Parameter callback: our own id, as the message was sent with it.
    mutating func status(_ kind: String, of wamid: String, time: Int64, callback: String?) {
        let known = reports[wamid]?[kind]
        reports[wamid, default: [:]][kind] = min(known ?? time, time)
        if let callback { name(callback, wamid) }
    }

    mutating func change(_ change: Change) {
        if changes[change.id] == nil { changes[change.id] = change }
    }

    // MARK: What goes out

    func isWindowOpen(_ customer: Int, at now: Int64) -> Bool {
        lastInbound[customer].map { now < $0 + Self.day } ?? false
    }

    /// The message that this key stands for.
    func known(_ key: String) -> (customer: Int, id: String)? { keys[key] }

    mutating func submitted(_ customer: Int, id: String, _ text: String, key: String?) {
        if rooms[customer]?.contains(where: { $0.id == id }) == true { mistakes.append("\(id) was submitted twice") }
        rooms[customer, default: []].append(Line(id: id, isOutgoing: true, text: text))
        if let key { keys[key] = (customer, id) }
    }

    /// Meta was asked to send this message.
    mutating func requested(_ id: String) {
        guard let place = find(id) else {
            return mistakes.append("Meta was asked to send \(id), which nobody submitted")
        }
        let line = rooms[place.room]![place.index]
        if line.own != "pending" { mistakes.append("Meta was asked again to send \(id), which was \(line.own)") }
        let earlier = rooms[place.room]![..<place.index].first {
            $0.isOutgoing && $0.own == "pending" && status(of: $0) == "pending"
        }
        if let earlier { mistakes.append("\(id) was sent before \(earlier.id)") }
    }

    mutating func accepted(_ id: String, wamid: String, at now: Int64) {
        name(id, wamid)
        settle(id, "sent", at: now)
    }

    mutating func refused(_ id: String, at now: Int64) { settle(id, "failed", at: now) }

    mutating func lost(_ id: String, at now: Int64) {
        guard let place = find(id), status(of: rooms[place.room]![place.index]) == "pending" else { return }
        rooms[place.room]![place.index].own = "unknown"
        unknownSince[id] = now
    }

    /// The grace time is over.
    mutating func graceEnded(_ id: String, at now: Int64, grace: Int64) {
        guard let place = find(id) else {
            return mistakes.append("a grace time ended for \(id), which nobody submitted")
        }
        if let since = unknownSince[id], now < since + grace { mistakes.append("\(id) was given up before its time") }
        if status(of: rooms[place.room]![place.index]) == "unknown" { settle(id, "failed", at: now) }
    }

    mutating func read(_ customer: Int, at now: Int64) {
        for index in rooms[customer, default: []].indices
        where !rooms[customer]![index].isOutgoing && rooms[customer]![index].readAt == 0 {
            rooms[customer]![index].readAt = now
        }
    }

    // MARK: What is to be seen

    func room(_ customer: Int) -> [View] {
        (rooms[customer] ?? []).enumerated().map { index, line in
            var view = View(
                sequence: Int64(index) + 1, id: line.id, isOutgoing: line.isOutgoing, text: line.text,
                status: status(of: line), times: [:], reactions: [:], isEdited: false, isDeleted: false)
            if line.isOutgoing {
                view.times = merged(line)
            } else {
                view.times["delivered"] = line.deliveredAt
                if line.readAt > 0 { view.times["read"] = line.readAt }
            }
            for change in changes.values.filter({ $0.target == line.wamid }).sorted(by: {
                ($0.time, $0.receivedAt, $0.id) < ($1.time, $1.receivedAt, $1.id)
            }) {
                switch change.kind {
                case "reaction": view.reactions[change.author] = change.value.isEmpty ? nil : change.value
                case "edit":
                    view.text = change.value
                    view.isEdited = true
                default: view.isDeleted = true
                }
            }
            return view
        }
    }

    /// Ids of what has no outcome yet.
    var open: [String] {
        rooms.values.joined().filter { $0.isOutgoing && ["pending", "unknown"].contains(status(of: $0)) }.map(\.id)
    }

    private func status(of line: Line) -> String {
        guard line.isOutgoing else { return line.readAt > 0 ? "read" : "delivered" }
        let all = merged(line)
        return ["played", "read", "delivered", "failed", "sent"].first { all[$0] != nil } ?? line.own
    }

    private func merged(_ line: Line) -> [String: Int64] {
        guard let wamid = line.wamid else { return line.reports }
        return line.reports.merging(reports[wamid] ?? [:]) { min($0, $1) }
    }

    private mutating func settle(_ id: String, _ outcome: String, at now: Int64) {
        guard let place = find(id) else { return }
        rooms[place.room]![place.index].own = outcome
        let known = rooms[place.room]![place.index].reports[outcome]
        rooms[place.room]![place.index].reports[outcome] = min(known ?? now, now)
    }

    private mutating func name(_ id: String, _ wamid: String) {
        guard let place = find(id), rooms[place.room]![place.index].wamid == nil else { return }
        rooms[place.room]![place.index].wamid = wamid
    }

    private func find(_ id: String) -> (room: Int, index: Int)? {
        for (room, lines) in rooms {
            if let index = lines.firstIndex(where: { $0.id == id }) { return (room, index) }
        }
        return nil
    }

    private func holds(wamid: String) -> Bool { rooms.values.joined().contains { $0.wamid == wamid } }
}
