import Gateway
import Logging
import SQL
import WhatsApp

/// All that the program is told from outside, checked.
struct Settings: Sendable {
    var host: String
    /// 0 takes any free port.
    var port: Int
    /// The address users reach the server under, without a trailing slash.
    var publicURL: String?
    var apiKeys: [Secret]
    /// Keys of the webhooks' signatures, several during a rotation; empty when signatures are not checked.
    var appSecrets: [Secret]
    var verifyToken: Secret?
    /// The location of an nginx in front that sends stored files, as `/files/`; nil where the server sends them.
    var mediaXAccel: String?
    var logLevel: Logger.Level
    var logFormat: LogFormat
    var gateway: GatewaySettings
    /// What is no error but should be known: unused settings, probable typing errors.
    let warnings: [String]
    /// The settings given that `serve --simulate` overrides.
    let simulatedOverrides: [SettingName]

    /// What the default account can't do as it is set.
    var accountWarning: String? {
        guard let account = gateway.account else {
            return "WHATSAPP_PHONE_NUMBER_ID is not set: no account can send or receive (see serve --simulate)"
        }
        guard account.accessToken == nil else { return nil }
        return "WHATSAPP_ACCESS_TOKEN is not set: messages are received, none can be sent"
    }
}

extension Settings {
    /// - Throws: every problem at once.
    init(_ source: SettingsSource) throws(SettingsError) {
        var reader = SettingsReader(source.values)

        host = reader.text(.host, expected: "a host name or an IP address", where: Self.isHost) ?? "127.0.0.1"
        port = reader.integer(.port, in: 0...65_535, default: 3000, meaning: "a port number", note: " (0 for any)")
        publicURL = reader.text(
            .publicURL, expected: "an http or https address without query, as https://chat.example.org"
        ) {
            WebAddress($0) != nil
        }.map { String($0.trimmingSuffix(while: { $0 == "/" })) }
        apiKeys = reader.secrets(.apiKeys, minimum: 16)
        appSecrets = reader.secrets(.appSecret)
        verifyToken = Self.verifyToken(&reader)
        mediaXAccel = reader.text(
            .mediaXAccel, expected: "a path that begins and ends with \"/\", as /media-files/", where: Self.isLocation)
        let levels = Logger.Level.allCases.map(\.rawValue)
        logLevel = Logger.Level(rawValue: reader.choice(.logLevel, of: levels, default: "info")) ?? .info
        let formats = LogFormat.allCases.map(\.rawValue)
        logFormat = LogFormat(rawValue: reader.choice(.logFormat, of: formats, default: "text")) ?? .text
        gateway = GatewaySettings(&reader)
        warnings =
            SettingName.unused.filter(reader.has).map {
                "\($0.rawValue) is set but this version does not use it"
            } + SettingTypo.find(in: source.values.keys).map(\.description)
        simulatedOverrides = SettingName.simulated.filter(reader.has)
        Self.checkUnused(&reader)

        let problems = source.problems + reader.problems
        guard problems.isEmpty else { throw SettingsError(problems: problems) }
    }

    private static func isHost(_ text: String) -> Bool {
        if text.contains(":"), !text.hasPrefix("[") { return HostAndPort("[\(text)]") != nil }
        return HostAndPort(text).map { $0.port == nil } ?? false
    }

    private static func isLocation(_ text: String) -> Bool {
        text.wholeMatch(of: /(\/[A-Za-z0-9_-]+)+\//) != nil
    }

    /// Two names mean the same; set to different values, one of them is a mistake.
    private static func verifyToken(_ reader: inout SettingsReader) -> Secret? {
        let first = reader.secret(.webhookVerifyToken)
        let second = reader.secret(.verifyToken)
        if let first, let second, !first.constantTimeEquals(second.reveal()) {
            reader.report(.verifyToken, "differs from WHATSAPP_WEBHOOK_VERIFY_TOKEN; both mean the same, set one")
        }
        return first ?? second
    }

    /// What later versions use is checked now, so that a mistake doesn't wait for them.
    private static func checkUnused(_ reader: inout SettingsReader) {
        _ = reader.text(.appID, expected: "the digits of the app's id", where: GatewaySettings.isGraphID)
    }
}

/// The form of `ENCRYPTION_KEY`.
enum EncryptionKeyFormat {
    /// 43 base64 digits and one "=": 32 bytes. The last digit carries four bits of data and two zero bits.
    static func isValid(_ text: String) -> Bool {
        let bytes = Array(text.utf8)
        guard bytes.count == 44, bytes[43] == UInt8(ascii: "=") else { return false }
        let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8)
        guard bytes[..<43].allSatisfy(alphabet.contains), let last = alphabet.firstIndex(of: bytes[42]) else {
            return false
        }
        return last & 3 == 0
    }
}

extension String {
    fileprivate func trimmingSuffix(while predicate: (Character) -> Bool) -> Substring {
        var text = self[...]
        while let last = text.last, predicate(last) { text.removeLast() }
        return text
    }
}
