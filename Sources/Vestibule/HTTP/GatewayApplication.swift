import Gateway
import Hummingbird
import HummingbirdCore
import Logging
import NIOCore
import SQL
import WhatsApp

/// The server as it is run by `serve` and by the tests: routes, middleware and limits.
struct GatewayApplication: Sendable {
    let gateway: Gateway
    let metrics: Metrics
    let settings: Settings
    let logger: Logger

    /// How long one call of a request to the database may take before the caller gets a 503.
    static let patience: Duration = .seconds(10)

    /// - Parameter onListening: called once with the port in use.
    func application(
        onListening: @escaping @Sendable (Int) async -> Void = { _ in }
    ) -> some ApplicationProtocol {
        let connection = HTTP1Channel.Configuration(
            additionalChannelHandlers: [FileSender(), WebSocketUpgrade(), ConnectionGuard()],
            idleTimeout: ConnectionLimits.idleTime,
            httpDecoderConfiguration: .init(
                maxHeaderFieldSize: ConnectionLimits.headBytes, maxHeaderListSize: ConnectionLimits.headBytes,
                maxHeaderFieldCount: ConnectionLimits.headFields))
        // The server's own lines on starting and stopping say less than ours.
        var quiet = logger
        quiet.logLevel = max(logger.logLevel, .warning)
        let sockets = SocketWork()
        return Application(
            responder: OpeningResponder(router(sockets).buildResponder()), server: .http1(configuration: connection),
            configuration: ApplicationConfiguration(
                address: .hostname(settings.host, port: settings.port), backlog: 1024,
                availableConnectionsDelegate: .maximum(ConnectionLimits.connections, logger: quiet)),
            services: [sockets],
            onServerRunning: { channel in await onListening(channel.localAddress?.port ?? 0) },
            logger: quiet)
    }

    private func router(_ sockets: SocketWork) -> Router<GatewayContext> {
        let routes = routes(sockets)
        let access = RouteAccess(
            keys: APIKeys(keys: settings.apiKeys), keyless: KeylessAccess(isLoopback: Loopback.contains(settings.host)),
            tickets: gateway.tickets)
        let router = Router(context: GatewayContext.self, options: .autoGenerateHeadEndpoints)
        router.add(middleware: RequestLogMiddleware(metrics: RequestMetrics(metrics), logger: logger))
        router.add(middleware: FailureMiddleware(routes: RouteIndex(routes), logger: logger))
        for route in routes {
            router.on(RouterPath(route.path), method: route.method) { request, context in
                try await access.check(request, context, route.access)
                return try await Database.$patience.withValue(Self.patience) {
                    try await route.respond(request, context)
                }
            }
        }
        return router
    }

    private func routes(_ sockets: SocketWork) -> [Route] {
        let webhooks = WebhookRoutes(
            ingest: gateway.ingest, verifyToken: settings.verifyToken, appSecrets: settings.appSecrets,
            metrics: metrics)
        let messages = MessageRoutes(
            messages: gateway.messages, outbound: gateway.outbound, mediaLinks: gateway.mediaLinks)
        let actions = RoomActions(rooms: gateway.rooms, outbound: gateway.outbound, mediaLinks: gateway.mediaLinks)
        let rooms = RoomRoutes(
            rooms: gateway.rooms, messages: gateway.messages, actions: actions, mediaLinks: gateway.mediaLinks)
        let following = EventFollowing(events: gateway.events, rooms: gateway.rooms)
        let events =
            EventRoutes(events: gateway.events).routes + EventStreamRoutes(following: following).routes
            + SocketRoutes(
                following: following, commands: SocketCommands(actions, logger: logger), work: sockets
            ).routes
            + TicketRoutes(tickets: gateway.tickets).routes
            + EndpointRoutes(endpoints: gateway.endpoints).routes
        let media = MediaRoutes(
            cache: MediaCache(gateway.media), renditions: gateway.renditions, links: gateway.mediaLinks,
            xAccel: settings.mediaXAccel)
        let uploads = UploadRoutes(uploads: gateway.uploads, mediaLinks: gateway.mediaLinks)
        let liveKit = LiveKitRoutes(bridge: gateway.liveKit)
        let operations = OperationsRoutes(gateway: gateway, metrics: metrics)
        let jobs = JobRoutes(jobs: gateway.jobControl)
        let erasure = ErasureRoutes(erasure: gateway.erasure)
        let search = SearchRoutes(search: gateway.search, mediaLinks: gateway.mediaLinks)
        return webhooks.routes + messages.routes + rooms.routes + events + media.routes + uploads.routes
            + liveKit.routes + operations.routes + jobs.routes + erasure.routes + search.routes
    }
}
