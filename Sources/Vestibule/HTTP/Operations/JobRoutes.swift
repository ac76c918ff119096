import Gateway
import HTTPTypes
import Hummingbird
import JSON

/// Jobs as operators see and handle them.
struct JobRoutes: Sendable {
    private static let standardPage = 50
    /// Dead jobs that one request looks at.
    private static let requeuePage = 1000

    let jobs: JobService

    var routes: [Route] {
        [
            Route(.get, "/jobs", respond: list),
            Route(.get, "/jobs/{id}", respond: find),
            Route(.post, "/jobs/{id}/requeue", respond: requeue),
            Route(.post, "/jobs/requeue", respond: requeueAll),
            Route(.post, "/jobs/pause", respond: pause),
            Route(.post, "/jobs/resume", respond: resume),
        ]
    }

    @Sendable private func list(_ request: Request, _: GatewayContext) async throws -> Response {
        let query = try QueryReader(request.uri, allowed: ["state", "kind", "account", "limit", "before"])
        let scope = try JobScope(
            account: query.text("account").map(AccountID.init(rawValue:)), kind: query.text("kind"))
        let page = try await jobs.list(
            scope, state: try Self.state(query.text("state")), limit: try query.limit(default: Self.standardPage),
            before: try Self.cursor(query.text("before"), "before"))
        var answer: JSONObject = ["jobs": .array(page.jobs.map(\.json))]
        answer["nextBefore"] = page.nextBefore.map(JSON.string)
        answer["pauses"] = .array(page.pauses.map(\.json))
        return Response(.object(answer))
    }

    @Sendable private func find(_: Request, context: GatewayContext) async throws -> Response {
        Response(try await jobs.find(try context.jobID()).json)
    }

    @Sendable private func requeue(_: Request, context: GatewayContext) async throws -> Response {
        Response(try await jobs.requeue(try context.jobID()).json)
    }

    @Sendable private func requeueAll(_ request: Request, _: GatewayContext) async throws -> Response {
        let reader = try FieldReader(try await request.jsonObject(), allowed: ["account", "kind", "after"])
        let report = try await jobs.requeueAll(
            try Self.scope(reader), limit: Self.requeuePage, after: try Self.cursor(reader.string("after"), "after"))
        var answer: JSONObject = ["success": true, "requeued": .integer(Int64(report.requeued))]
        answer["refused"] = .integer(Int64(report.refused))
        answer["nextAfter"] = report.nextAfter.map(JSON.string)
        return Response(.object(answer))
    }

    @Sendable private func pause(_ request: Request, _: GatewayContext) async throws -> Response {
        try await answer(jobs.pause(try await Self.scope(request)))
    }

    @Sendable private func resume(_ request: Request, _: GatewayContext) async throws -> Response {
        try await answer(jobs.resume(try await Self.scope(request)))
    }

    private func answer(_ pauses: [JobPause]) -> Response {
        Response(["success": true, "pauses": .array(pauses.map(\.json))])
    }

    private static func scope(_ request: Request) async throws -> JobScope {
        try scope(FieldReader(try await request.jsonObject(), allowed: ["account", "kind"]))
    }

    private static func scope(_ reader: FieldReader) throws -> JobScope {
        try JobScope(
            account: reader.string("account", 1...255).map(AccountID.init(rawValue:)), kind: reader.string("kind"))
    }

    private static func state(_ text: String?) throws(RequestFailure) -> JobSummary.State? {
        guard let text else { return nil }
        guard let state = JobSummary.State(rawValue: text) else {
            let known = JobSummary.State.allCases.map(\.rawValue).joined(separator: ", ")
            throw .invalid("`state` must be one of \(known)", field: "state")
        }
        return state
    }

    private static func cursor(_ text: String?, _ name: String) throws(RequestFailure) -> String? {
        guard let text else { return nil }
        guard GatewayContext.isJobID(text) else {
            throw .invalid("`\(name)` must be the id of a job, from the answer before", field: name)
        }
        return text
    }
}

extension GatewayContext {
    /// The id of a job. What can't be one is not looked for.
    fileprivate func jobID() throws(RequestFailure) -> String {
        guard let id = parameters.get("id"), Self.isJobID(id) else {
            throw RequestFailure(GatewayError(.notFound, "no job has this id; jobs that are done are not kept"))
        }
        return id
    }

    /// A UUID in lower case.
    fileprivate static func isJobID(_ text: some StringProtocol) -> Bool {
        text.utf8.count == 36
            && zip(0..., text.utf8).allSatisfy { place, byte in
                [8, 13, 18, 23].contains(place)
                    ? byte == UInt8(ascii: "-")
                    : (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
                        || (UInt8(ascii: "a")...UInt8(ascii: "f")).contains(byte)
            }
    }
}

extension JobSummary {
    fileprivate var json: JSON {
        var object: JSONObject = ["id": .string(id), "kind": .string(kind), "account": .string(account)]
        object["state"] = .string(state.rawValue)
        object["attempts"] = .integer(attempts)
        object["pauses"] = .integer(pauses)
        object["failures"] = .integer(failures)
        object["lastError"] = lastError.map(JSON.string)
        object["createdAt"] = .integer(createdAt)
        object["runAt"] = .integer(runAt)
        object["messageId"] = messageID.map(JSON.string)
        object["room"] = room.map(JSON.string)
        return .object(object)
    }
}

extension JobPause {
    fileprivate var json: JSON {
        var object: JSONObject = [:]
        object["account"] = scope.account.map { .string($0.rawValue) }
        object["kind"] = scope.kind.map(JSON.string)
        object["since"] = .integer(since)
        return .object(object)
    }
}
