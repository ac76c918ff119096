import Testing
import WhatsApp

@testable import Vestibule

@Suite struct SettingsTests {
    private static let key = "0123456789abcdef"

    private func settings(_ environment: [String: String], dotEnv: String? = nil) throws -> Settings {
        try Settings(SettingsSource(environment: environment, dotEnv: dotEnv))
    }

    private func problems(_ environment: [String: String]) -> [String] {
        do throws(SettingsError) {
            _ = try Settings(SettingsSource(environment: environment))
            return []
        } catch {
            return error.problems.map(\.description)
        }
    }

    @Test func `without settings the server keeps to this machine, SQLite and no mirror`() throws {
        let settings = try settings([:])
        #expect(settings.host == "127.0.0.1")
        #expect(settings.port == 3000)
        #expect(settings.gateway.mongoURI == nil)
        #expect(settings.gateway.account == nil)
        #expect(settings.gateway.graphURL == "https://graph.facebook.com")
        #expect(settings.gateway.messageTTLDays == 1825)
        guard case .sqlite(let path) = settings.gateway.database else {
            Issue.record("expected SQLite")
            return
        }
        #expect(path == "data/vestibule.db")
    }

    @Test func `every problem is told at once, in a line that names the setting`() {
        let lines = problems([
            "PORT": "abc", "API_KEYS": "short", "MESSAGE_TTL_DAYS": "0", "LOG_FORMAT": "xml",
            "DATABASE_URL": "mysql://u:hunter2@db/x", "WHATSAPP_PHONE_NUMBER_ID": "+15550200001",
        ])
        #expect(lines.count == 6)
        #expect(lines.contains(#"PORT: expected a port number from 0 to 65535 (0 for any), got "abc""#))
        #expect(lines.contains { $0.hasPrefix("MESSAGE_TTL_DAYS: ") })
        #expect(lines.contains { $0.hasPrefix("WHATSAPP_PHONE_NUMBER_ID: ") })
    }

    @Test func `no problem shows a secret's value`() {
        let lines = problems([
            "API_KEYS": "hunter2", "DATABASE_URL": "mysql://u:hunter2@db/x", "MONGODB_URI": "hunter2",
            "WHATSAPP_ACCESS_TOKEN": "hunter2 with a space", "ENCRYPTION_KEY": "hunter2",
            "WHATSAPP_PHONE_NUMBER_ID": "12345",
        ])
        #expect(lines.count == 5)
        #expect(!lines.joined().contains("hunter2"))
    }

    @Test func `the doctor's listing says of a secret only that it is set`() {
        let source = SettingsSource(environment: ["WHATSAPP_APP_SECRET": "hunter2", "PORT": "3100"])
        let text = SettingsListing(source).text
        #expect(!text.contains("hunter2"))
        #expect(text.contains("3100"))
    }

    @Test func `the environment wins over the file, and an empty value counts as absent`() throws {
        let settings = try settings(["PORT": "3001", "HOST": ""], dotEnv: "PORT=3002\nMESSAGE_TTL_DAYS=7")
        #expect(settings.port == 3001)
        #expect(settings.host == "127.0.0.1")
        #expect(settings.gateway.messageTTLDays == 7)
    }

    @Test func `several app secrets and API keys stand between commas`() throws {
        let settings = try settings(["WHATSAPP_APP_SECRET": "one, two", "API_KEYS": "\(Self.key),\(Self.key)2"])
        #expect(settings.appSecrets.map { $0.reveal() } == ["one", "two"])
        #expect(settings.apiKeys.count == 2)
    }

    @Test func `both names of the verify token do, and two different values are a mistake`() throws {
        #expect(try settings(["WHATSAPP_VERIFY_TOKEN": "a"]).verifyToken?.reveal() == "a")
        #expect(try settings(["WHATSAPP_WEBHOOK_VERIFY_TOKEN": "b"]).verifyToken?.reveal() == "b")
        let lines = problems(["WHATSAPP_VERIFY_TOKEN": "a", "WHATSAPP_WEBHOOK_VERIFY_TOKEN": "b"])
        #expect(lines.count == 1 && lines[0].hasPrefix("WHATSAPP_VERIFY_TOKEN: differs"))
    }

    @Test func `a token needs a number to send from`() {
        #expect(
            problems(["WHATSAPP_ACCESS_TOKEN": "t"]) == [
                "WHATSAPP_PHONE_NUMBER_ID: is needed with WHATSAPP_ACCESS_TOKEN"
            ])
    }

    @Test func `a bucket needs its key, and an endpoint its bucket`() throws {
        let keys = ["AWS_ACCESS_KEY_ID": "k", "AWS_SECRET_ACCESS_KEY": "s"]
        let plain = try settings(keys.merging(["S3_BUCKET": "media"]) { $1 }).gateway.objectStorage
        #expect(plain?.usesPathStyle == false && plain?.region == "us-east-1" && plain?.prefix == "")
        let own = ["S3_BUCKET": "media", "S3_ENDPOINT": "http://127.0.0.1:9000/", "S3_PREFIX": "a/b-"]
        let there = try settings(keys.merging(own) { $1 }).gateway.objectStorage
        #expect(there?.usesPathStyle == true && there?.endpoint == "http://127.0.0.1:9000" && there?.prefix == "a/b-")
        #expect(try settings(keys).gateway.objectStorage == nil)
        #expect(
            problems(["S3_BUCKET": "media"]) == [
                "AWS_ACCESS_KEY_ID: is needed with S3_BUCKET", "AWS_SECRET_ACCESS_KEY: is needed with S3_BUCKET",
            ])
        #expect(problems(["S3_ENDPOINT": "http://h"]) == ["S3_BUCKET: is needed with S3_ENDPOINT"])
        for prefix in ["/a", "a//b", "../a", "a/./b", "a b"] {
            #expect(problems(keys.merging(["S3_BUCKET": "media", "S3_PREFIX": prefix]) { $1 }).count == 1, "\(prefix)")
        }
        #expect(problems(keys.merging(["S3_BUCKET": "Media!"]) { $1 }).count == 1)
    }

    @Test func `an encryption key is 32 bytes in base64`() {
        #expect(EncryptionKeyFormat.isValid("AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA="))
        #expect(!EncryptionKeyFormat.isValid("AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAB="))
        #expect(!EncryptionKeyFormat.isValid("AAAA"))
        #expect(!EncryptionKeyFormat.isValid("!AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA="))
    }

    @Test func `what this version does not use is said`() throws {
        let warnings = try settings(["RABBITMQ_URL": "amqp://example.org"]).warnings
        #expect(warnings == ["RABBITMQ_URL is set but this version does not use it"])
    }

    @Test(arguments: [
        ("API_KEY", SettingName.apiKeys), ("WHATSAPP_TOKEN", .accessToken), ("WHATSAPP_PHONE_ID", .phoneNumberID),
        ("MONGO_URI", .mongoURI), ("WHATSAPP_APPSECRET", .appSecret),
    ])
    func `a name near a setting's is taken for a typing error`(name: String, meant: SettingName) {
        #expect(SettingTypo.find(in: [name]) == [SettingTypo(name: name, suggestion: meant)])
    }

    @Test func `names that only look alike are let alone`() {
        #expect(
            SettingTypo.find(in: ["PATH", "HOSTNAME", "HOME", "POST", "PWD", "AWS_REGION", "S3_BUCKETS_DIR"]).isEmpty)
    }

    @Test func `which files are taken, and how large, can be set`() throws {
        let rules = try settings([
            "MEDIA_ALLOW": "application/zip, IMAGE/HEIC", "MEDIA_REFUSE": "video,image/gif",
            "MEDIA_LIMITS": "image:10MB, document : 1048576,sticker:100kb",
        ]).gateway.mediaRules
        #expect(rules.allowed == ["application/zip", "image/heic"] && !rules.allowsText)
        #expect(rules.refusedKinds == [.video] && rules.refusedTypes == ["image/gif"])
        #expect(rules.limits == [.image: 10_485_760, .document: 1_048_576, .sticker: 102_400])
        #expect(try settings(["MEDIA_ALLOW_TEXT": "true"]).gateway.mediaRules.allowsText)
    }

    @Test(arguments: [
        ("MEDIA_ALLOW", "zip"), ("MEDIA_ALLOW", "text/html"), ("MEDIA_ALLOW", "application/zip,image/svg+xml"),
        ("MEDIA_REFUSE", "gif"), ("MEDIA_REFUSE", "videos"), ("MEDIA_LIMITS", "10MB"), ("MEDIA_LIMITS", "image:0"),
        ("MEDIA_LIMITS", "image:-1"), ("MEDIA_LIMITS", "image:11GB"), ("MEDIA_LIMITS", "images:1MB"),
        ("MEDIA_LIMITS", "image:9223372036854775807GB"), ("MEDIA_LIMITS", "image:MB"), ("MEDIA_LIMITS", "image:1:2"),
    ])
    func `a media rule that says nothing stops the start`(_ name: String, _ value: String) {
        let lines = problems([name: value])
        #expect(lines.count == 1 && lines.first?.hasPrefix("\(name): ") == true, "\(lines)")
    }
}
