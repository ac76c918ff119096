import JSON

/// Removes the bytes of files whose rows are gone, however long storage is away.
struct MediaRemoval: JobHandler {
    let store: MediaStore

    private static let pause: Duration = .seconds(60)

    /// To be inserted with the removal of the rows.
    /// - Parameter time: when it runs, if whoever removed the rows has not done its work by then.
    static func job(of names: [String], at now: Milliseconds, after time: Milliseconds) -> Job {
        Job(
            kind: .removeMedia, account: .default, lane: "media-removal:\(MediaName.random())", position: 0,
            payload: ["names": .array(names.map(JSON.string))], runAt: now + time, createdAt: now)
    }

    func run(_ job: Job) async throws -> JobVerdict? {
        let names = job.payload["names"]?.array?.compactMap(\.string) ?? []
        store.withdrawals.tell(names)
        do {
            for name in names { try await store.remove(name: name) }
            return .done
        } catch let error as FileError {
            return .pause(for: Self.pause, reason: error.description)
        } catch let error as GatewayError where error.code == .unavailable {
            return .pause(for: Self.pause, reason: error.cause ?? error.message)
        }
    }
}
