import Testing

@testable import Vestibule

@Suite struct ExposureTests {
    private static let closed = ["API_KEYS": "0123456789abcdef", "WHATSAPP_APP_SECRET": "secret"]

    private func exposure(_ environment: [String: String], isSimulated: Bool = false) throws -> Exposure {
        Exposure(try Settings(SettingsSource(environment: environment)), isSimulated: isSimulated)
    }

    @Test(arguments: ["127.0.0.1", "127.8.9.10", "::1", "[::1]", "localhost", "LOCALHOST"])
    func `loopback addresses are told`(host: String) {
        #expect(Loopback.contains(host))
    }

    @Test(arguments: [
        "0.0.0.0", "::", "10.0.0.1", "128.0.0.1", "127.1", "localhost.example.org", "::ffff:127.0.0.1", "fe80::1",
        "2130706433",
    ])
    func `everything else is not loopback`(host: String) {
        #expect(!Loopback.contains(host))
    }

    @Test func `open doors are fine on loopback only`() throws {
        #expect(try exposure([:]).mayStart)
        let open = try exposure(["HOST": "0.0.0.0"])
        #expect(!open.mayStart)
        #expect(open.openDoors.count == 2)
        #expect(open.refusal(host: "0.0.0.0").description.contains("--insecure"))
    }

    @Test func `with keys and an app secret any address will do`() throws {
        let exposure = try exposure(Self.closed.merging(["HOST": "0.0.0.0"]) { $1 })
        #expect(exposure.mayStart)
        #expect(exposure.openDoors.isEmpty)
    }

    @Test func `the simulator's public secret protects nothing`() throws {
        let exposure = try exposure(Self.closed.merging(["HOST": "0.0.0.0"]) { $1 }, isSimulated: true)
        #expect(!exposure.mayStart)
    }
}
