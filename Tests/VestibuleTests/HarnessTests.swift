import Testing

@Suite(.timeLimit(.minutes(10)))
struct HarnessTests {
    @Test func `continuous integration tests every mode of storage`() {
        #expect(
            !Storage.isCI || (Storage.databaseURL != nil && Storage.mongoURI != nil),
            "TEST_DATABASE_URL and TEST_MONGODB_URI must name scratch servers")
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
