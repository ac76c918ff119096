import JSON

/// `/sim/phones`: what customers do.
struct PhoneRoutes: Sendable {
    let core: SimulatorCore

    func answer(_ call: Call, _ path: [String]) async throws(ControlError) -> Reply {
        if path.count == 1 {
            guard call.method == "GET" else { throw .notFound("/sim/phones knows GET") }
            return try list(call)
        }
        let address = try Self.address(path[1])
        switch (call.method, path.dropFirst(2).first, path.count) {
        case ("GET", nil, _): return try show(address, call)
        case ("PATCH", nil, _): return try edit(address, call)
        case ("POST", "messages", 3): return try await say(address, call)
        case ("POST", "read", 3):
            guard let key = core.exchange.withWorld({ $0.phones[address]?.key }) else { throw unknown(address) }
            return .json(["read": .int(core.exchange.readAll(key))])
        case ("POST", "messages", 5) where path[4] == "status": return try setStatus(path[3], call)
        default: throw .notFound("there is no \(call.method) /\(call.segments.joined(separator: "/")); see GET /sim")
        }
    }

    /// A phone number or a BSUID from a path.
    static func address(_ text: String) throws(ControlError) -> String {
        if let digits = SendRequest.digits(of: text) { return digits }
        guard SendRequest.isUserID(text) else {
            throw .bad("\"\(text)\" is neither a phone number of 7 to 15 digits nor a user id such as US.1042")
        }
        return text
    }

    private func unknown(_ address: String) -> ControlError {
        .notFound("no phone \(address) has written or received anything yet")
    }

    private func list(_ call: Call) throws(ControlError) -> Reply {
        let limit = try call.number("limit", 1...10_000) ?? 1000
        let phones = core.exchange.withWorld { world in
            world.phones.keys.suffix(limit).compactMap { world.phones[$0]?.json }
        }
        return .json(["phones": .array(phones)])
    }

    private func show(_ address: String, _ call: Call) throws(ControlError) -> Reply {
        let limit = try call.number("limit", 1...5000) ?? 100
        let found: (JSON, [ChatMessage])? = core.exchange.withWorld { world in
            guard let phone = world.phones[address] else { return nil }
            return (phone.json, world.messages(of: phone.key, limit: limit))
        }
        guard let (phone, messages) = found, var object = phone.object else { throw unknown(address) }
        object["messages"] = .array(messages.map(\.json))
        return .json(.object(object))
    }

    private func edit(_ address: String, _ call: Call) throws(ControlError) -> Reply {
        let body = try call.json()
        do throws(FieldError) {
            let edit = try PhoneEdit(body)
            let (phone, cameOnline) = try apply(edit, to: address)
            if cameOnline { core.exchange.resume(phone.key) }
            return .json(phone.json)
        } catch {
            throw .field(error)
        }
    }

    private func say(_ address: String, _ call: Call) async throws(ControlError) -> Reply {
        let body = try call.json()
        let order: CustomerOrder
        do throws(FieldError) {
            order = try CustomerOrder(body)
            if let profile = order.profile { _ = try apply(profile, to: address) }
        } catch {
            throw .field(error)
        }
        let words = try await order.words(core: core)
        return .json(["messageId": .string(core.exchange.say(words, from: address))], status: 202)
    }

    func setStatus(_ id: String, _ call: Call) throws(ControlError) -> Reply {
        let body = try call.json()
        do throws(FieldError) {
            let reader = try FieldReader(body, allowed: ["status", "error"])
            let names = Progress.allCases.dropFirst().map(\.rawValue)
            let name = try reader.requiredChoice("status", of: names)
            var failure: GraphError?
            if let error = try reader.reader("error", allowed: ["code", "title", "details"]) {
                failure = GraphError(
                    code: Int(try error.requiredInteger("code", 0...99_999_999)),
                    details: try error.string("details", 0...4096), title: try error.string("title", 0...1024))
            } else if name == Progress.failed.rawValue {
                failure = GraphError(code: 131026)
            }
            guard let progress = Progress(rawValue: name), core.exchange.force(id, to: progress, failure: failure)
            else {
                throw FieldError(field: "messageId", problem: "names no message that a business sent: \(id)")
            }
            return .json(["messageId": .string(id), "status": .string(name)])
        } catch {
            if error.field == "messageId" { throw .notFound(error.message) }
            throw .field(error)
        }
    }

    private func apply(_ edit: PhoneEdit, to address: String) throws(FieldError) -> (Phone, Bool) {
        let outcome: Result<(Phone, Bool), FieldError> = core.exchange.withWorld { world in
            let phone = world.phones.phone(address, delays: world.rules.delays)
            if let problem = edit.conflict(with: world.phones, key: phone.key) { return .failure(problem) }
            world.phones.update(phone.key) { edit.apply(to: &$0) }
            let changed = world.phones[phone.key] ?? phone
            return .success((changed, changed.online && !phone.online))
        }
        return try outcome.get()
    }
}
