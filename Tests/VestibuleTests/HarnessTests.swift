import Testing

@Suite(.timeLimit(.minutes(10)))
struct HarnessTests {
    @Test(.enabled(if: Storage.isCI || Storage.available == Storage.allCases, Storage.hint))
    func `every mode of storage is tested`() {
        #expect(Storage.databaseURL != nil && Storage.mongoURI != nil, Storage.hint)
    }

    @Test(arguments: Storage.available)
    func `a server starts on fresh databases, answers and stops with exit code 0`(_ storage: Storage) async throws {
        try await Site.run(storage) { site in
            let health = try await site.get("/health")
            #expect(health.status == 200)
            #expect(try await site.stop() == .exit(0))
        }
    }
}
