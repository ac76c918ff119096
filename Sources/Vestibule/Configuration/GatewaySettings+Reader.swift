import Gateway
import SQL
import WhatsApp

extension GatewaySettings {
    init(_ reader: inout SettingsReader) {
        self.init(
            database: Self.database(&reader), uploadsDirectory: reader.text(.uploadsDirectory) ?? "uploads")
        if case .postgres = database { spoolDirectory = reader.text(.dataDirectory) ?? "data" }
        mongoURI = reader.text(.mongoURI, expected: "an address that begins with mongodb:// or mongodb+srv://") {
            $0.hasPrefix("mongodb://") || $0.hasPrefix("mongodb+srv://")
        }
        databaseConnections = reader.integer(
            .databaseConnections, in: 1...200, default: databaseConnections, meaning: "a number of connections")
        objectStorage = S3Settings(&reader)
        liveKit = LiveKitSettings(&reader)
        account = Self.account(&reader)
        mediaFetchAllow = Self.mediaFetchAllow(&reader)
        messageTTLDays = reader.integer(
            .messageTTLDays, in: 1...36_500, default: messageTTLDays, meaning: "a number of days")
        eventTTLDays = reader.integer(.eventTTLDays, in: 1...3650, default: eventTTLDays, meaning: "a number of days")
        apiVersion =
            reader.text(.apiVersion, expected: "a Graph version such as v21.0", where: Self.isVersion) ?? apiVersion
        graphURL =
            reader.text(.graphURL, expected: "an http or https origin without a path") {
                WebAddress($0)?.isOrigin ?? false
            }.map { $0.hasSuffix("/") ? String($0.dropLast()) : $0 } ?? graphURL
        if reader.has(.mediaURLTTL) {
            mediaLinkLifetime = .seconds(
                reader.integer(.mediaURLTTL, in: 1...31_536_000, default: 3600, meaning: "a number of seconds"))
        }
        mediaLinkSecrets = reader.secrets(.mediaURLSecret, minimum: 16)
        encryptionKeys = Self.encryptionKeys(&reader)
        mediaRules = MediaRules(&reader)
        mediaMinFree = Int64(
            reader.integer(
                .mediaMinFree, in: 0...(1 << 50), default: Int(mediaMinFree), meaning: "a number of bytes"))
        virusScanner = ClamdAddress(&reader)
        unknownSendPolicy =
            reader.choice(.unknownSendPolicy, of: ["fail", "retry"], default: "fail") == "retry" ? .retry : .fail
        let grace = Int(unknownSendGrace.components.seconds)
        unknownSendGrace = .seconds(
            reader.integer(.unknownSendGrace, in: 1...86_400, default: grace, meaning: "a number of seconds"))
        sendRatePerSecond = reader.integer(
            .sendRate, in: 1...1000, default: sendRatePerSecond, meaning: "a number of messages a second")
    }

    private static func database(_ reader: inout SettingsReader) -> DatabaseLocation {
        let url = reader.text(.databaseURL, expected: "an address that begins with postgres:// or postgresql://") {
            $0.hasPrefix("postgres://") || $0.hasPrefix("postgresql://")
        }
        return url.map { .postgres(url: $0) }
            ?? .sqlite(path: (reader.text(.dataDirectory) ?? "data") + "/vestibule.db")
    }

    private static func account(_ reader: inout SettingsReader) -> DefaultAccount? {
        let expected = "the digits of the phone number's id in Meta's dashboard (not the number itself)"
        let phoneNumberID = reader.text(.phoneNumberID, expected: expected, where: isGraphID)
        let businessAccountID = reader.text(
            .businessAccountID, expected: "the digits of the business account's id", where: isGraphID)
        let token = reader.secret(.accessToken)
        guard let phoneNumberID else {
            if reader.has(.accessToken), !reader.has(.phoneNumberID) {
                reader.report(.phoneNumberID, "is needed with WHATSAPP_ACCESS_TOKEN")
            }
            return nil
        }
        return DefaultAccount(
            phoneNumberID: phoneNumberID, businessAccountID: businessAccountID, accessToken: token)
    }

    private static func mediaFetchAllow(_ reader: inout SettingsReader) -> [String] {
        let hosts = reader.list(.mediaFetchAllow)
        if let wrong = hosts.first(where: { HostAndPort($0) == nil }) {
            reader.report(
                .mediaFetchAllow, "expected host or host:port separated by commas, got \"\(wrong.prefix(60))\"")
        }
        return hosts
    }

    private static func encryptionKeys(_ reader: inout SettingsReader) -> [Secret] {
        let keys = reader.list(.encryptionKey)
        guard keys.allSatisfy(EncryptionKeyFormat.isValid) else {
            reader.report(
                .encryptionKey, "expected 32 bytes in base64 (44 characters), as `openssl rand -base64 32` prints")
            return []
        }
        return keys.map { Secret($0) }
    }

    static func isGraphID(_ text: String) -> Bool {
        (5...30).contains(text.utf8.count)
            && text.utf8.allSatisfy { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }
    }

    private static func isVersion(_ text: String) -> Bool {
        text.wholeMatch(of: /v[1-9][0-9]{0,2}\.[0-9]/) != nil
    }
}
