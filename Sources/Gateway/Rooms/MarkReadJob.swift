import JSON
import WhatsApp

/// Tells WhatsApp that a message and all before it were read.
struct MarkReadJob: JobHandler {
    let accounts: AccountDirectory
    let graph: GraphClient

    private static let attempts = 5

    static func job(for message: Message, at now: Milliseconds) -> Job {
        Job(
            kind: .markRead, account: message.account, lane: "read:\(message.roomName.rawValue)",
            position: message.sequence,
            payload: ["whatsappMessageId": message.whatsappMessageID.map(JSON.string) ?? .null],
            runAt: now, createdAt: now)
    }

    func run(_ job: Job) async throws -> JobVerdict? {
        guard let id = job.payload["whatsappMessageId"]?.string else {
            return .giveUp(reason: "the job names no message")
        }
        guard let account = accounts.find(job.account), let token = account.token, let number = account.phoneNumberID
        else {
            return .giveUp(reason: "the account has no access token")
        }
        do throws(GraphError) {
            try await graph.markRead(messageID: id, typing: false, phoneNumberID: number, token: token)
            return .done
        } catch {
            switch error.treatment {
            case .retry(let after) where job.attempts + 1 < Self.attempts:
                return .retry(after: after ?? .seconds(2 << job.attempts), reason: error.summary)
            case .pause(.account, _):
                try await accounts.pause(job.account, MessageFailure(error))
                return .pause(for: .zero, reason: error.summary)
            case .pause(_, let wait): return .pause(for: wait ?? .seconds(60), reason: error.summary)
            case .retry, .fail: return .giveUp(reason: error.summary)
            }
        }
    }
}
