import Fetch
import LiveKit
import Logging
import Migrations
import Mongo
import SQL
import ServiceLifecycle
import WhatsApp

/// The product: every service, wired to one database.
package final class Gateway: Sendable {
    package let accounts: AccountDirectory
    package let ingest: IngestService
    package let messages: MessageService
    package let rooms: RoomService
    package let search: SearchService
    let searchFollower: SearchFollower
    package let outbound: OutboundService
    package let media: MediaStore
    package let uploads: UploadService
    package let renditions: MediaRenditions
    /// None where links to media need no signature.
    package let mediaLinks: MediaLinks?
    package let graph: GraphClient
    package let replay: ReplayService
    package let events: EventService
    package let tickets: TicketService
    package let endpoints: EndpointService
    let dispatch: EndpointDispatch
    let hub: EventHub
    /// None without LiveKit.
    package let liveKit: LiveKitBridge?
    private let liveKitFollower: LiveKitFollower?
    /// None without LiveKit's native library.
    let attendance: AttendanceService?
    package let erasure: ErasureService
    /// None without a mirror.
    package let reconcile: ReconcileService?
    let drain: SpoolDrain?
    let purge: PurgeService
    let mirror: MirrorService?
    let jobs: JobRunner
    package let jobControl: JobService
    /// None where a test holds the clock.
    private let clockService: ClockService?
    let database: Database
    let mongo: MongoClient?
    private let fetch: FetchClient
    private let callersFetch: FetchClient
    private let storageFetch: FetchClient
    private let liveKitFetch: FetchClient
    let metrics: Metrics

    package static let migrations = Migrations.all.map { Migration(number: $0.number, name: $0.name, sql: $0.sql) }

    /// Opens the databases, brings the schema up to date and prepares the uploads folder. Nothing runs yet: see
    /// `services`.
    /// - Parameter isServing: false for maintenance beside a running gateway: a paused account stays paused.
    package static func open(
        _ settings: GatewaySettings, isServing: Bool = true, metrics: Metrics, clock: Clock? = nil, logger: Logger
    ) async throws -> Gateway {
        var options = DatabaseOptions()
        options.connections = settings.databaseConnections
        let database = try await Database.open(settings.database, options: options, logger: logger)
        do {
            let report = try await database.migrate(migrations)
            if !report.applied.isEmpty {
                logger.info("schema brought up to date", metadata: ["from": "\(report.from)", "to": "\(report.to)"])
            }
            let steady = clock == nil ? try await SteadyClock(database) : nil
            let clock = clock ?? steady?.clock ?? .system
            let accounts = try await AccountDirectory.open(
                settings.account, isServing: isServing, database: database, clock: clock, logger: logger)
            if isServing {
                try await JobQueue(database: database, clock: clock).mendTimes(isAlone: database.engine == .sqlite)
            }
            let mediaLinks: MediaLinks? =
                if let lifetime = settings.mediaLinkLifetime {
                    try await MediaLinks.open(
                        lifetime: lifetime.components.seconds, secrets: settings.mediaLinkSecrets, database: database,
                        clock: clock)
                } else {
                    nil
                }
            let installation = try await SharedSecret.find("installation", in: database, at: clock.now()) {
                String((0..<8).map { _ in "0123456789abcdefghijklmnopqrstuvwxyz".randomElement()! })
            }
            if settings.liveKit != nil { try await LiveKitFollower.begin(database) }
            if isServing { try await EndpointSecrets.sealAll(SecretBox(settings.encryptionKeys), in: database) }
            var spool: Spool?
            if isServing, let directory = settings.spoolDirectory {
                spool = try await Spool.open(directory: directory, logger: logger)
            }
            do {
                return try Gateway(
                    settings, database: database, spool: spool, accounts: accounts, mediaLinks: mediaLinks,
                    installation: installation, metrics: metrics, clock: clock, steady: steady, logger: logger)
            } catch {
                await spool?.close()
                throw error
            }
        } catch {
            await database.close()
            throw error
        }
    }

    private init(
        _ settings: GatewaySettings, database: Database, spool: Spool?, accounts: AccountDirectory,
        mediaLinks: MediaLinks?, installation: String, metrics: Metrics, clock: Clock, steady: SteadyClock?,
        logger: Logger
    ) throws {
        self.database = database
        self.accounts = accounts
        self.metrics = metrics
        let lifetime = Milliseconds(settings.messageTTLDays) * .day
        let fetch = FetchClient(userAgent: "Vestibule/0.1", logger: logger)
        // Slow hosts that callers name must not take the connections of sends.
        let callersFetch = FetchClient(userAgent: "Vestibule/0.1", logger: logger, connections: 64)
        // Nor must large files on their way to object storage.
        let storageFetch = FetchClient(userAgent: "Vestibule/0.1", logger: logger, connections: 64)
        // Nor must a LiveKit server that hangs.
        let liveKitFetch = FetchClient(userAgent: "Vestibule/0.1", logger: logger, connections: 32)
        let mongo = try settings.mongoURI.map { try MongoClient(uri: $0, logger: logger) }
        self.fetch = fetch
        self.callersFetch = callersFetch
        self.storageFetch = storageFetch
        self.liveKitFetch = liveKitFetch
        self.mongo = mongo
        let graph = GraphClient(fetch: fetch, origin: settings.graphURL, version: settings.apiVersion)
        let store = MessageStore(isMirrored: mongo != nil)
        let media = try MediaStore(
            directory: settings.uploadsDirectory, objectStorage: settings.objectStorage, fetch: storageFetch,
            minFree: settings.mediaMinFree, database: database,
            rules: settings.mediaRules,
            scanner: settings.virusScanner.map { VirusScanner($0, timeout: settings.virusScanTimeout) },
            programs: settings.mediaPrograms, clock: clock)
        let jobsDue = Signal()
        let mirrorDue = Signal()
        let outcomes = OutcomeBoard()
        self.graph = graph
        self.media = media
        uploads = UploadService(store: media)
        renditions = MediaRenditions(database: database, store: media, clock: clock, logger: logger)
        self.mediaLinks = mediaLinks

        let writer = WebhookWriter(
            database: database,
            transaction: IngestTransaction(
                accounts: accounts, messages: store, mapper: MessageMapper(lifetime: lifetime)),
            clock: clock, logger: logger, counters: IngestMetrics(metrics)
        ) { result in
            if result.mediaJobs > 0 { jobsDue.raise() }
            mirrorDue.raise()
        }
        let spoolFilled = Signal()
        ingest = IngestService(
            writer: writer, queue: IngestQueue(countLimit: settings.ingestQueueLimit), spool: spool,
            spoolFilled: spoolFilled)
        let events = EventReader(
            database: database, messages: store, installation: installation, links: mediaLinks)
        let (endpointsDue, liveKitDue) = (Signal(), Signal())
        hub = EventHub(
            reader: events, metrics: metrics, logger: logger, patience: settings.listenerPatience,
            telling: [endpointsDue, liveKitDue])
        self.events = EventService(reader: events, hub: hub)
        tickets = TicketService(database: database, clock: clock)
        replay = ReplayService(database: database, writer: writer)
        drain = spool.map { SpoolDrain(spool: $0, writer: writer, signal: spoolFilled, logger: logger) }
        messages = MessageService(database: database, accounts: accounts, clock: clock)
        search = SearchService(database: database, messages: store)
        searchFollower = SearchFollower(
            database: database, clock: clock, counters: SearchMetrics(metrics), logger: logger)
        rooms = RoomService(
            database: database, accounts: accounts, messages: store, graph: graph, clock: clock
        ) { jobsDue.raise() }
        outbound = OutboundService(
            database: database, accounts: accounts, messages: store,
            media: OutgoingMediaSource(
                database: database, store: media, fetch: callersFetch, allowedHosts: settings.mediaFetchAllow),
            outcomes: outcomes, clock: clock, lifetime: lifetime
        ) {
            jobsDue.raise()
            mirrorDue.raise()
        }
        let server = settings.liveKit.map { LiveKitServer($0, fetch: liveKitFetch) }
        let liveKitMetrics = LiveKitMetrics(metrics)
        let somebodyJoined = Signal()
        liveKit = server.map {
            LiveKitBridge(database: database, server: $0, clock: clock, counters: liveKitMetrics) {
                somebodyJoined.raise()
            }
        }
        liveKitFollower = server.map { _ in
            LiveKitFollower(
                database: database, clock: clock, logger: logger, wake: { jobsDue.raise() }, signal: liveKitDue)
        }
        let talk = server.map { [hub, outbound] server in
            TalkContext(
                server: server,
                attendance: Attendance(database: database, clock: clock, holder: TimeOrderedID.make(at: clock.now())),
                events: events, hub: hub, outbound: outbound, mediaBase: settings.liveKit?.mediaBase, clock: clock,
                counters: liveKitMetrics, logger: logger)
        }
        attendance = talk.flatMap { talk in
            settings.liveKit?.participantCommand.map { command in
                AttendanceService(
                    database: database, library: ParticipantLibrary(command: command), context: talk,
                    signal: somebodyJoined)
            }
        }
        let secrets = SecretBox(settings.encryptionKeys)
        let delivery = DeliveryJob(
            database: database, events: events,
            post: DeliveryPost(
                fetch: callersFetch, allowedHosts: settings.mediaFetchAllow, box: secrets, clock: clock),
            replies: EndpointReplies(
                database: database, outbound: outbound, draft: settings.replyDraft, clock: clock, logger: logger),
            clock: clock, counters: EndpointMetrics(metrics), logger: logger
        ) { jobsDue.raise() }
        dispatch = EndpointDispatch(
            database: database, clock: clock, logger: logger, wake: { jobsDue.raise() }, signal: endpointsDue)
        endpoints = EndpointService(database: database, delivery: delivery, box: secrets, clock: clock) {
            endpointsDue.raise()
        }
        let sendMetrics = SendMetrics(metrics)
        let queue = JobQueue(database: database, clock: clock)
        clockService = steady.map { ClockService(steady: $0, queue: queue, logger: logger) }
        jobControl = JobService(database: database, messages: store, clock: clock) { jobsDue.raise() }
        jobs = JobRunner(
            queue: queue,
            handlers: [
                .send: SendJob(
                    database: database, accounts: accounts, messages: store, queue: queue, graph: graph,
                    media: OutgoingUpload(database: database, store: media, graph: graph, clock: clock),
                    limits: SendLimits(database: database, clock: clock, perSecond: settings.sendRatePerSecond),
                    outcomes: SendOutcomes(
                        database: database, accounts: accounts, messages: store, board: outcomes, clock: clock,
                        grace: settings.unknownSendGrace, counters: sendMetrics, logger: logger),
                    clock: clock, counters: sendMetrics),
                .settle: SettleJob(
                    database: database, messages: store, policy: settings.unknownSendPolicy, outcomes: outcomes,
                    clock: clock
                ) { jobsDue.raise() },
                .markRead: MarkReadJob(accounts: accounts, graph: graph),
                .removeMedia: MediaRemoval(store: media),
                .redactEvents: StoredEventRedaction(database: database),
                .deliverEvent: delivery,
                .fetchMedia: MediaFetch(
                    database: database, accounts: accounts, messages: store, store: media, graph: graph,
                    budget: LookupBudget(database: database, clock: clock), clock: clock,
                    counters: MediaMetrics(metrics), logger: logger),
                .liveKit: LiveKitRoomJob(
                    database: database, events: events, server: server, agentName: settings.liveKit?.agentName,
                    clock: clock, counters: liveKitMetrics, logger: logger),
            ], signal: jobsDue, logger: logger, counters: JobMetrics(metrics: metrics), poll: settings.jobPoll)
        let mirror = mongo.map { mongo in
            MirrorService(
                database: database, mongo: mongo, messages: store, clock: clock, signal: mirrorDue,
                counters: MirrorMetrics(metrics), logger: logger)
        }
        self.mirror = mirror
        reconcile = mirror.map {
            ReconcileService(database: database, mongo: $0.mongo, mirror: $0, clock: clock)
        }
        erasure = ErasureService(
            database: database, accounts: accounts, messages: store, store: media, mirror: mirror, clock: clock,
            logger: logger
        ) {
            jobsDue.raise()
            mirrorDue.raise()
        }
        purge = PurgeService(
            database: database, store: media, clock: clock,
            eventLifetime: Milliseconds(settings.eventTTLDays) * .day, signal: Signal(), logger: logger,
            watch: ClockWatch(clock))
    }

    /// What runs for as long as the program does. On a graceful stop each finishes what it has in hand.
    package var services: [any Service] {
        let patient = [jobs as (any Service)?, mirror, searchFollower, liveKitFollower, attendance].compactMap(\.self)
            .map {
                PatientService(service: $0, patience: Self.patience)
            }
        return [ingest, purge, hub, dispatch] + [drain as (any Service)?, clockService].compactMap(\.self) + patient
    }

    /// Longer than any of these calls takes on a busy database.
    private static let patience: Duration = .seconds(15)

    /// Closes the databases; call it after the services have ended.
    package func close() async {
        await database.close()
        await ingest.spool?.close()
        await mongo?.close()
        fetch.close()
        callersFetch.close()
        storageFetch.close()
        liveKitFetch.close()
    }
}
