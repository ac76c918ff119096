import JSON

/// `/sim/faults`: what goes wrong, and for whom.
struct FaultRoutes: Sendable {
    let core: SimulatorCore

    func answer(_ call: Call, _ path: [String]) throws(ControlError) -> Reply {
        switch (call.method, path.count) {
        case ("GET", 1): return .json(["faults": .array(core.faults.rules.map(\.json))])
        case ("POST", 1): return try add(call)
        case ("DELETE", 1):
            core.faults.removeAll()
            return .json(["faults": []])
        case ("DELETE", 2):
            guard core.faults.remove(path[1]) else { throw .notFound("there is no fault \(path[1])") }
            return .json(["removed": .string(path[1])])
        default: throw .notFound("/sim/faults knows GET, POST, DELETE and DELETE /{id}")
        }
    }

    private func add(_ call: Call) throws(ControlError) -> Reply {
        let body = try call.json()
        do throws(FieldError) {
            let reader = try FieldReader(body, allowed: ["match", "action", "times", "after"])
            let match = try reader.reader("match", allowed: ["to", "method", "path", "type", "messageContains"])
            let action = try FaultOrder.action(
                reader.requiredReader("action", allowed: FaultOrder.fields), body["action"] ?? [:])
            let times = try reader.integer("times", -1...1_000_000_000) ?? 1
            let after = try reader.integer("after", 0...1_000_000_000) ?? 0
            let rule = core.faults.add(
                try match.map(FaultOrder.match) ?? FaultRule.Match(), action, times: Int(times), after: Int(after),
                source: body)
            guard let rule else { throw FieldError(field: "", problem: "is one too many: 1,000 faults are in force") }
            return .json(rule.json, status: 201)
        } catch {
            throw .field(error)
        }
    }
}
