import Fetch
import Foundation
import JSON
import Testing

@testable import Vestibule

/// The built program with a virus scanner set.
@Suite(.timeLimit(.minutes(5))) struct VirusScannerTests {
    @Test func `with the scanner away sends of files are told to come back, and doctor and readiness say why`()
        async throws
    {
        try await FileHost.run([:]) { host in
            let settings = ["CLAMD_ADDRESS": "/nonexistent/clamd.ctl", "MEDIA_FETCH_ALLOW": host.allowed]
            try await Site.run(.sqlite, environment: settings) { site in
                _ = try await site.meta.say("Hello", from: "+15550100001")
                _ = try await site.messages("+15550100001", "the message is there") { $0.count == 1 }
                let refused = try await site.call(
                    "POST", "/whatsapp/send",
                    [
                        "phoneNumber": "+15550100001", "mediaType": "image",
                        "mediaUrl": .string(host.origin + "/photo.jpg"),
                    ])
                #expect(refused.status == 503 && refused.headers.first("Retry-After") == "5")
                #expect(refused.errorCode == "SERVICE_UNAVAILABLE")
                #expect(host.requested.isEmpty)
                _ = try await site.meta.sendMedia("image", from: "+15550100001")
                let messages = try await site.messages("+15550100001", "the picture's message is there") {
                    $0.count == 2
                }
                #expect(messages.last?["mediaStatus"] == "pending")
                let ready = try await site.get("/ready")
                #expect(ready.status == 200 && ready.json["status"] == "degraded" && ready.text.contains("clamd"))
                let doctor = try await site.command(["doctor"])
                #expect(doctor.ending == .exit(1) && doctor.output.contains("\nfail  clamd"), "\(doctor.output)")
            }
        }
    }

    @Test(arguments: [
        ("127.0.0.1:3310", "127.0.0.1:3310"), ("[::1]:3310", "[::1]:3310"), ("clamd:3310", "clamd:3310"),
        ("/run/clamav/clamd.ctl", "/run/clamav/clamd.ctl"), ("clamd", nil), ("http://clamd:3310", nil),
        ("run/clamd.ctl", nil), ("/" + String(repeating: "x", count: 107), nil),
    ])
    func `the scanner's address is host and port, or a path`(_ row: (text: String, address: String?)) {
        // A setting that is wrong stops the start, and then there are none.
        let settings = try? Settings(SettingsSource(environment: ["CLAMD_ADDRESS": row.text]))
        #expect(settings?.gateway.virusScanner.map { String(describing: $0) } == row.address)
    }
}
