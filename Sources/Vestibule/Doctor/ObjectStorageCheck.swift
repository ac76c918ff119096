import Fetch
import Gateway

/// Whether files can be written to object storage, read in part, and removed.
struct ObjectStorageCheck: Sendable {
    let settings: S3Settings
    let fetch: FetchClient

    func finding() async -> Finding {
        let start = ContinuousClock.now
        do {
            try await S3Storage(settings, fetch: fetch).check()
            let time = ((ContinuousClock.now - start) / .milliseconds(1)).rounded()
            return .ok("s3", "bucket \(settings.bucket): wrote, read and removed an object in \(Int(time)) ms")
        } catch {
            let problem = (error as? GatewayError)?.message ?? "cancelled"
            return .fail(
                "s3", "bucket \(settings.bucket): \(problem)",
                mend: "check S3_ENDPOINT, S3_BUCKET, S3_REGION and that the key may put, get and delete objects")
        }
    }
}
