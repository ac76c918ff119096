import JSON

/// Reads a fault as the control API takes it.
enum FaultOrder {
    static let fields = [
        "status", "code", "subcode", "message", "details", "headers", "body", "contentType", "delayMs", "reset",
        "timeout", "holdMs", "slowBody", "badJSON", "corrupt",
    ]

    static func match(_ reader: FieldReader) throws(FieldError) -> FaultRule.Match {
        var match = FaultRule.Match()
        match.to = try reader.string("to", 1...200).map { SendRequest.digits(of: $0) ?? $0 }
        match.method = try reader.string("method", 1...16)?.uppercased()
        match.path = try reader.string("path", 1...500)
        match.type = try reader.string("type", 1...64)
        match.messageContains = try reader.string("messageContains", 1...4096)
        return match
    }

    static func action(_ reader: FieldReader, _ value: JSON) throws(FieldError) -> FaultAction {
        var action = FaultAction()
        if let delay = try reader.integer("delayMs", 0...60_000) { action.delay = .milliseconds(delay) }
        let hold = Duration.milliseconds(try reader.integer("holdMs", 1...600_000) ?? 60_000)
        var effects: [FaultAction.Effect] = []
        if reader.has("code") || reader.has("status") || reader.has("body") {
            effects.append(try answer(reader, value))
        }
        if let moment = try reader.choice("reset", of: ["before", "after"]) {
            effects.append(.reset(moment == "after" ? .after : .before))
        }
        if let moment = try reader.choice("timeout", of: ["before", "after"]) {
            effects.append(.silence(moment == "after" ? .after : .before, hold))
        }
        if try reader.bool("badJSON") == true { effects.append(.brokenJSON) }
        if let slow = try reader.reader("slowBody", allowed: ["chunkBytes", "gapMs"]) {
            effects.append(
                .slowBody(
                    chunk: Int(try slow.integer("chunkBytes", 1...1_048_576) ?? 1024),
                    gap: .milliseconds(try slow.integer("gapMs", 1...60_000) ?? 100)))
        }
        if let name = try reader.choice("corrupt", of: ["bytes", "truncate", "hash"]),
            let corruption = FaultAction.Corruption(rawValue: name)
        {
            effects.append(.corrupt(corruption))
        }
        guard effects.count <= 1 else {
            throw FieldError(
                field: reader.path,
                problem: "must hold one of code or status, reset, timeout, badJSON, slowBody, corrupt")
        }
        action.effect = effects.first
        guard action.effect != nil || action.delay > .zero else {
            throw FieldError(field: reader.path, problem: "must hold at least one of \(fields.joined(separator: ", "))")
        }
        return action
    }

    /// One of Meta's errors when there is a code, else any status with any body.
    private static func answer(_ reader: FieldReader, _ value: JSON) throws(FieldError) -> FaultAction.Effect {
        let status = try reader.integer("status", 200...599).map { Int($0) }
        var headers: [(name: String, value: String)] = []
        for pair in try reader.object("headers")?.object ?? [:] {
            guard let text = pair.value.string else { throw reader.error("headers", "must hold strings") }
            headers.append((pair.key, text))
        }
        if let code = try reader.integer("code", 0...99_999_999) {
            guard !reader.has("body") else { throw reader.error("body", "does not go with code") }
            let error = GraphError(
                code: Int(code), details: try reader.string("details", 0...4096), status: status,
                title: try reader.string("message", 0...4096),
                subcode: try reader.integer("subcode", 0...99_999_999).map { Int($0) })
            return .error(error, headers: headers)
        }
        let body = value["body"]
        let bytes = body?.string.map { Array($0.utf8) } ?? (body?.isNull ?? true ? [] : body?.encoded() ?? [])
        let type = try reader.string("contentType", 1...256)
        let usual = body?.string == nil ? "application/json" : "text/html"
        return .answer(
            Reply(status: status ?? 200, headers: [("Content-Type", type ?? usual)] + headers, body: bytes))
    }
}
