import JSON
import SQL
import WhatsApp

/// What the gateway needs to know; the program fills it from its settings and has checked each value.
package struct GatewaySettings: Sendable {
    package var database: DatabaseLocation
    /// Without one there is no mirror.
    package var mongoURI: String?
    /// Holds files that are being received and, without object storage, `whatsapp/`, those that are served.
    package var uploadsDirectory: String
    /// Where files are kept instead of in the uploads folder.
    package var objectStorage: S3Settings?
    /// Where webhooks are kept while the database can't be reached; nil for none, as beside an embedded database.
    package var spoolDirectory: String?
    package var messageTTLDays = 1825
    package var eventTTLDays = 30
    /// Without it nothing is received or sent.
    package var account: DefaultAccount?
    package var apiVersion = "v21.0"
    package var graphURL = "https://graph.facebook.com"
    /// Hosts that the address guard lets through, as `host` or `host:port`.
    package var mediaFetchAllow: [String] = []
    /// How long links to media hold; nil for links that need no signature.
    package var mediaLinkLifetime: Duration?
    /// Keys of these links, the first of which signs; without any, one that the database keeps.
    package var mediaLinkSecrets: [Secret] = []
    /// Which files are taken.
    package var mediaRules = MediaRules()
    /// With fewer bytes free on the disk no file is received or fetched; 0: never.
    package var mediaMinFree: Int64 = 256 << 20
    /// The clamd that every file has to pass; nil for none.
    package var virusScanner: ClamdAddress?
    /// For one file.
    package var virusScanTimeout: Duration = .seconds(60)
    /// What makes other forms of files: voice messages, previews.
    package var mediaPrograms = MediaPrograms()
    /// How long a listener to events may be behind before it is cut off.
    package var listenerPatience: Duration = .seconds(5)
    /// Without one rooms are here only.
    package var liveKit: LiveKitSettings?
    /// Keys for credentials that the database keeps, each 32 bytes in base64. The first one seals, all open.
    package var encryptionKeys: [Secret] = []
    /// How the reply of an event endpoint is read: as what says something into a room.
    package var replyDraft: @Sendable (JSON) throws -> Draft = { _ in
        throw GatewayError(.invalid, "replies of endpoints are not taken here")
    }
    package var unknownSendPolicy = UnknownSendPolicy.fail
    package var unknownSendGrace: Duration = .seconds(300)
    package var sendRatePerSecond = 80
    package var ingestQueueLimit = 10_000
    package var databaseConnections = 8
    /// How long the job runner waits for word of new jobs before it looks by itself.
    package var jobPoll: Duration = .seconds(5)

    package init(database: DatabaseLocation, uploadsDirectory: String) {
        self.database = database
        self.uploadsDirectory = uploadsDirectory
    }
}
