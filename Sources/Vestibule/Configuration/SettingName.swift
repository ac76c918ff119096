/// Every setting that is known by name, as it is spelt in the environment.
enum SettingName: String, CaseIterable, Sendable {
    case host = "HOST"
    case port = "PORT"
    case publicURL = "PUBLIC_URL"
    case apiKeys = "API_KEYS"
    case logLevel = "LOG_LEVEL"
    case logFormat = "LOG_FORMAT"

    case databaseURL = "DATABASE_URL"
    case databaseConnections = "DATABASE_CONNECTIONS"
    case mongoURI = "MONGODB_URI"
    case dataDirectory = "DATA_DIR"
    case uploadsDirectory = "UPLOADS_DIR"
    case messageTTLDays = "MESSAGE_TTL_DAYS"
    case eventTTLDays = "EVENT_TTL_DAYS"

    case accessToken = "WHATSAPP_ACCESS_TOKEN"
    case phoneNumberID = "WHATSAPP_PHONE_NUMBER_ID"
    case businessAccountID = "WHATSAPP_BUSINESS_ACCOUNT_ID"
    case apiVersion = "WHATSAPP_API_VERSION"
    case graphURL = "WHATSAPP_GRAPH_URL"
    case webhookVerifyToken = "WHATSAPP_WEBHOOK_VERIFY_TOKEN"
    case verifyToken = "WHATSAPP_VERIFY_TOKEN"
    case appSecret = "WHATSAPP_APP_SECRET"
    case appID = "WHATSAPP_APP_ID"
    case sendRate = "WHATSAPP_SEND_RATE"

    case s3Bucket = "S3_BUCKET"
    case s3Endpoint = "S3_ENDPOINT"
    case s3Region = "S3_REGION"
    case s3Prefix = "S3_PREFIX"
    case s3PathStyle = "S3_FORCE_PATH_STYLE"
    case awsKeyID = "AWS_ACCESS_KEY_ID"
    case awsSecret = "AWS_SECRET_ACCESS_KEY"
    case awsSessionToken = "AWS_SESSION_TOKEN"

    case mediaFetchAllow = "MEDIA_FETCH_ALLOW"
    case mediaAllowText = "MEDIA_ALLOW_TEXT"
    case mediaAllow = "MEDIA_ALLOW"
    case mediaRefuse = "MEDIA_REFUSE"
    case mediaLimits = "MEDIA_LIMITS"
    case mediaURLTTL = "MEDIA_URL_TTL"
    case mediaURLSecret = "MEDIA_URL_SECRET"
    case mediaXAccel = "MEDIA_X_ACCEL"
    case mediaMinFree = "MEDIA_MIN_FREE"
    case clamdAddress = "CLAMD_ADDRESS"
    case unknownSendPolicy = "UNKNOWN_SEND_POLICY"
    case unknownSendGrace = "UNKNOWN_SEND_GRACE"

    case encryptionKey = "ENCRYPTION_KEY"
    case liveKitURL = "LIVEKIT_URL"
    case liveKitAPIKey = "LIVEKIT_API_KEY"
    case liveKitAPISecret = "LIVEKIT_API_SECRET"
    case liveKitAgentName = "LIVEKIT_AGENT_NAME"
    case liveKitLibrary = "LIVEKIT_FFI_PATH"
    case rabbitMQURL = "RABBITMQ_URL"

    /// The settings that this version checks but does nothing with.
    static let unused: [SettingName] = [.appID, .rabbitMQURL]

    /// The settings that `serve --simulate` takes from the simulator.
    static let simulated: [SettingName] = [
        .accessToken, .phoneNumberID, .businessAccountID, .graphURL, .webhookVerifyToken, .verifyToken, .appSecret,
    ]

    /// Whether the value must never be shown: a credential, or an address that may hold one.
    var isSecret: Bool {
        switch self {
        case .apiKeys, .databaseURL, .mongoURI, .accessToken, .webhookVerifyToken, .verifyToken, .appSecret,
            .mediaURLSecret, .encryptionKey, .liveKitAPIKey, .liveKitAPISecret, .rabbitMQURL, .awsKeyID,
            .awsSecret, .awsSessionToken:
            true
        default:
            false
        }
    }
}
