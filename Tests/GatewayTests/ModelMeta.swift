import JSON
import Synchronization

/// Meta's side of the model test: takes what is sent to it, and answers as the step says.
final class ModelMeta: Sendable {
    struct Request: Sendable {
        /// Our id of the message, as it travels in `biz_opaque_callback_data`.
        let id: String
        let outcome: ModelStep.MetaOutcome
        /// Nil when Meta did not take it.
        let wamid: String?
    }

    private struct State {
        var outcome = ModelStep.MetaOutcome.accepted
        var requests: [Request] = []
    }

    private final class Desk: Sendable {
        let state = Mutex(State())

        func answer(_ request: LocalServer.Request) -> LocalServer.Reply? {
            // What can't be read is answered as such, and shows as a mistake of the gateway's.
            guard let body = try? JSON(parsing: request.body) else { return ModelMeta.reply(["error": "no JSON"], 400) }
            guard let id = body["biz_opaque_callback_data"]?.string else { return ModelMeta.reply(["success": true]) }
            return state.withLock { state in
                let outcome = state.outcome
                let isTaken = [.accepted, .answerLost, .garbled].contains(outcome)
                let wamid = "wamid.out.\(id)"
                state.requests.append(Request(id: id, outcome: outcome, wamid: isTaken ? wamid : nil))
                return ModelMeta.reply(to: outcome, wamid)
            }
        }
    }

    private let desk: Desk
    private let server: LocalServer
    var origin: String { server.origin }

    init() throws {
        let desk = Desk()
        self.desk = desk
        server = try LocalServer.answering { desk.answer($0) }
    }

    func stop() { server.stop() }

    /// What comes of the next requests.
    func expect(_ outcome: ModelStep.MetaOutcome) { desk.state.withLock { $0.outcome = outcome } }

    /// The requests to send since the last call.
    func takeRequests() -> [Request] {
        desk.state.withLock { state in
            defer { state.requests = [] }
            return state.requests
        }
    }

    private static func reply(to outcome: ModelStep.MetaOutcome, _ wamid: String) -> LocalServer.Reply? {
        switch outcome {
        case .accepted: reply(["messaging_product": "whatsapp", "messages": [["id": .string(wamid)]]])
        case .answerLost: nil
        case .garbled: LocalServer.Reply(body: Array("<html>".utf8))
        case .refused: reply(error(131026), 400)
        case .serverError: reply(error(131000), 500)
        case .throttled: reply(error(130429), 400)
        }
    }

    private static func error(_ code: Int64) -> JSON { ["error": ["code": .integer(code), "message": "No"]] }

    private static func reply(_ body: JSON, _ status: Int = 200) -> LocalServer.Reply {
        LocalServer.Reply(status: status, headers: [("Content-Type", "application/json")], body: body.encoded())
    }
}
