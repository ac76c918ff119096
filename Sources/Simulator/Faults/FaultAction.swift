import JSON

/// What goes wrong.
struct FaultAction: Sendable {
    enum Moment: String, Sendable {
        /// Before anything is done.
        case before
        /// The request has its full effect, only the answer is lost.
        case after
    }

    enum Corruption: String, Sendable {
        /// Same length, other bytes.
        case bytes
        /// The announced length, half of the bytes.
        case truncate
        /// The information about a medium names another hash.
        case hash
    }

    enum Effect: Sendable {
        case error(GraphError, headers: [(name: String, value: String)])
        case answer(Reply)
        case reset(Moment)
        case silence(Moment, Duration)
        /// The request has its effect; the answer is cut JSON.
        case brokenJSON
        case slowBody(chunk: Int, gap: Duration)
        case corrupt(Corruption)
    }

    /// Waits first; at most a minute.
    var delay: Duration = .zero
    /// nil: nothing but the delay.
    var effect: Effect?

    /// - Parameter work: does what the request asks for.
    func perform(_ work: () async -> Reply) async -> Answer {
        if delay > .zero {
            // Cancelled only when the server stops, and then the answer no longer matters.
            try? await Task.sleep(for: delay)
        }
        switch effect {
        case nil: return .reply(await work())
        case .error(let error, let headers):
            var reply = error.reply
            reply.headers += headers
            return .reply(reply)
        case .answer(let reply): return .reply(reply)
        case .reset(let moment):
            if moment == .after { _ = await work() }
            return .reset
        case .silence(let moment, let duration):
            if moment == .after { _ = await work() }
            return .silence(duration)
        case .brokenJSON:
            var reply = await work()
            reply.body = Array(reply.body.prefix(reply.body.count / 2))
            return .reply(reply)
        case .slowBody(let chunk, let gap): return .slow(await work(), chunk: chunk, gap: gap)
        case .corrupt(let corruption): return corrupt(await work(), corruption)
        }
    }

    private func corrupt(_ reply: Reply, _ corruption: Corruption) -> Answer {
        var reply = reply
        switch corruption {
        case .truncate: return .truncated(reply, keep: reply.body.count / 2)
        case .bytes: reply.body = reply.body.map { ~$0 }
        case .hash:
            // An answer without a hash, such as an error, stays as it is.
            if var object = (try? JSON(parsing: reply.body))?.object, object["sha256"] != nil {
                object["sha256"] = .string(String(repeating: "0", count: 64))
                reply.body = JSON.object(object).encoded()
            }
        }
        return .reply(reply)
    }
}
