import JSON

/// Everything under `/sim`: for people, scripts and tests. It asks for no key, so it belongs on a loopback address.
struct ControlAPI: Sendable {
    let core: SimulatorCore

    func answer(_ call: Call) async -> Answer {
        do throws(ControlError) {
            try refuseStrangers(call)
            return .reply(try await route(call))
        } catch {
            return .reply(error.reply)
        }
    }

    /// A web page that somebody has open could otherwise reach a loopback address through the browser.
    private func refuseStrangers(_ call: Call) throws(ControlError) {
        guard let origin = call.headers[.origin] else { return }
        let host = origin.split(separator: "/").last.map(String.init)
        guard host == call.authority else {
            throw ControlError(status: 403, code: "FORBIDDEN", message: "web pages may not use the simulator")
        }
    }

    private func route(_ call: Call) async throws(ControlError) -> Reply {
        let path = Array(call.segments.dropFirst())
        switch (call.method, path.first) {
        case ("GET", nil): return Guide(core: core).reply
        case ("GET", "state") where path.count == 1: return state()
        case ("DELETE", "state") where path.count == 1: return reset()
        case (_, "settings") where path.count == 1: return try settings(call)
        case (_, "phones"): return try await PhoneRoutes(core: core).answer(call, path)
        case (_, "messages"): return try await MessageRoutes(core: core).answer(call, path)
        case (_, "webhook"), (_, "webhooks"), (_, "delivery"):
            return try await DeliveryRoutes(core: core).answer(call, path)
        case (_, "faults"): return try FaultRoutes(core: core).answer(call, path)
        default: throw .notFound("there is no \(call.method) /\(call.segments.joined(separator: "/")); see GET /sim")
        }
    }

    private func state() -> Reply {
        let (phones, messages, dropped, last) = core.exchange.withWorld {
            ($0.phones.count, $0.log.count, $0.log.dropped, $0.log.next - 1)
        }
        let counts = core.delivery.counts
        return .json([
            "phones": .int(phones),
            "messages": ["kept": .int(messages), "dropped": .int(dropped), "last": .int(last)],
            "media": ["kept": .int(core.shelf.count), "bytes": .integer(core.shelf.bytes)],
            "webhooks": [
                "url": .text(core.delivery.url) ?? .null, "subscribed": .bool(core.delivery.isSubscribed),
                "pending": .int(counts.pending), "delivered": .int(counts.delivered),
                "failedAttempts": .int(counts.failedAttempts), "givenUp": .int(counts.givenUp),
                "droppedUpdates": .int(counts.dropped),
            ],
            "faults": .int(core.faults.rules.count),
        ])
    }

    private func reset() -> Reply {
        core.faults.removeAll()
        core.delivery.reset()
        core.delivery.setOptions(DeliveryOptions())
        core.exchange.withWorld { $0.removeAll() }
        core.shelf.removeAll()
        core.profile.withLock { $0 = [:] }
        return .json(["reset": true])
    }

    private func settings(_ call: Call) throws(ControlError) -> Reply {
        if call.method == "PATCH" {
            let body = try call.json()
            do throws(FieldError) {
                let reader = try FieldReader(body, allowed: ["autoReply", "enforceWindow", "statusDelayMs"])
                let reply = try reader.string("autoReply", 0...4096)
                let window = try reader.bool("enforceWindow")
                let delay = try reader.integer("statusDelayMs", 0...3_600_000)
                core.exchange.withWorld { world in
                    if let reply { world.rules.autoReply = reply.isEmpty ? nil : reply }
                    if let window { world.rules.enforceWindow = window }
                    if let delay { world.setDelays(StatusDelays(all: .milliseconds(delay))) }
                }
            } catch {
                throw .field(error)
            }
        } else if call.method != "GET" {
            throw .notFound("/sim/settings knows GET and PATCH")
        }
        let rules = core.exchange.withWorld { $0.rules }
        return .json([
            "phoneNumberId": .string(core.settings.phoneNumberID),
            "displayPhoneNumber": .string(core.settings.displayPhoneNumber),
            "businessAccountId": .string(core.settings.businessAccountID),
            "accessToken": .string(core.settings.accessToken),
            "autoReply": .text(rules.autoReply) ?? .null,
            "enforceWindow": .bool(rules.enforceWindow),
            "statusDelayMs": .integer(rules.delays.sent.milliseconds),
        ])
    }
}

extension Call {
    /// The body as JSON; an empty one counts as `{}`.
    func json() throws(ControlError) -> JSON {
        if body.isEmpty { return [:] }
        do throws(JSONError) {
            return try JSON(parsing: body)
        } catch {
            throw .bad("the body is not valid JSON: \(error.message) at byte \(error.offset)")
        }
    }

    /// A whole number from the query.
    func number(_ name: String, _ range: ClosedRange<Int>) throws(ControlError) -> Int? {
        guard let text = query[name] else { return nil }
        guard let value = Int(text), range.contains(value) else {
            throw .bad("`\(name)` must be a number from \(range.lowerBound) to \(range.upperBound)")
        }
        return value
    }
}
