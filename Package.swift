// swift-tools-version: 6.2
import PackageDescription

let strict: [SwiftSetting] = [
    .swiftLanguageMode(.v6),
    .treatAllWarnings(as: .error),
    .enableUpcomingFeature("ExistentialAny"),
]

let hummingbird: Target.Dependency = .product(name: "Hummingbird", package: "hummingbird")
let hummingbirdCore: Target.Dependency = .product(name: "HummingbirdCore", package: "hummingbird")
let crypto: Target.Dependency = .product(name: "Crypto", package: "swift-crypto")
let logging: Target.Dependency = .product(name: "Logging", package: "swift-log")
let lifecycle: Target.Dependency = .product(name: "ServiceLifecycle", package: "swift-service-lifecycle")

let package = Package(
    name: "vestibule",
    platforms: [.macOS(.v15)],
    products: [.executable(name: "vestibule", targets: ["Vestibule"])],
    dependencies: [
        .package(url: "https://github.com/hummingbird-project/hummingbird", from: "2.28.1", traits: []),
        .package(url: "https://github.com/apple/swift-nio", from: "2.101.2"),
        .package(url: "https://github.com/apple/swift-nio-extras", from: "1.35.2"),
        .package(url: "https://github.com/apple/swift-http-types", from: "1.8.0"),
        .package(url: "https://github.com/apple/swift-crypto", from: "4.5.2"),
        .package(url: "https://github.com/apple/swift-log", from: "1.16.2"),
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
        .package(url: "https://github.com/swift-server/swift-service-lifecycle", from: "2.13.0"),
    ],
    targets: [
        .systemLibrary(name: "CPostgres", pkgConfig: "libpq", providers: [.apt(["libpq-dev"])]),
        .systemLibrary(name: "CSQLite", pkgConfig: "sqlite3", providers: [.apt(["libsqlite3-dev"])]),
        .systemLibrary(name: "CMongo", pkgConfig: "libmongoc-1.0", providers: [.apt(["libmongoc-dev"])]),
        .systemLibrary(name: "CCurl", pkgConfig: "libcurl", providers: [.apt(["libcurl4-openssl-dev"])]),
        .systemLibrary(name: "CSpawn"),
        .systemLibrary(name: "CZlib", pkgConfig: "zlib", providers: [.apt(["zlib1g-dev"])]),
        .systemLibrary(name: "CMagic", pkgConfig: "libmagic", providers: [.apt(["libmagic-dev"])]),

        .target(name: "JSON", swiftSettings: strict),
        .target(name: "SQL", dependencies: ["CPostgres", "CSQLite", logging], swiftSettings: strict),
        .target(name: "Mongo", dependencies: ["CMongo", "JSON", logging], swiftSettings: strict),
        .target(name: "Fetch", dependencies: ["CCurl", crypto, logging], swiftSettings: strict),
        .target(name: "WhatsApp", dependencies: ["JSON", "Fetch", crypto, logging], swiftSettings: strict),
        .target(name: "LiveKit", dependencies: ["JSON", "Fetch", "CSpawn", crypto], swiftSettings: strict),
        .target(
            name: "Migrations", path: "migrations",
            resources: [
                .embedInCode("0001-schema.sql"), .embedInCode("0002-send-limits-events.sql"),
                .embedInCode("0003-jobs.sql"), .embedInCode("0004-secrets.sql"),
                .embedInCode("0005-event-log.sql"), .embedInCode("0006-renditions.sql"),
                .embedInCode("0007-room-tickets.sql"), .embedInCode("0008-livekit.sql"),
                .embedInCode("0009-erasure.sql"), .embedInCode("0010-webhook-endpoints.sql"),
                .embedInCode("0011-room-attributes.sql"),
                .embedInCode("0012-livekit-attendance.sql"), .embedInCode("0013-search.sql"),
                .embedInCode("0014-endpoint-health.sql"),
                .embedInCode("0015-search-flushes.sql"),
                .embedInCode("0016-erased-people.sql"),
            ],
            swiftSettings: strict),
        .target(
            name: "Gateway",
            dependencies: [
                "JSON", "SQL", "Mongo", "Fetch", "WhatsApp", "LiveKit", "Migrations", "CMagic", "CSpawn", "CZlib",
                crypto, logging, lifecycle,
            ],
            swiftSettings: strict),
        .target(
            name: "Simulator",
            dependencies: [
                "JSON", "Fetch", "WhatsApp", crypto, logging, lifecycle, hummingbird, hummingbirdCore,
                .product(name: "HTTPTypes", package: "swift-http-types"),
                .product(name: "NIOCore", package: "swift-nio"),
            ],
            swiftSettings: strict),
        .executableTarget(
            name: "Vestibule",
            dependencies: [
                "Gateway", "Simulator", "JSON", "SQL", "Mongo", "Fetch", "WhatsApp", "LiveKit", crypto, logging,
                lifecycle, hummingbird,
                hummingbirdCore,
                .product(name: "HTTPTypes", package: "swift-http-types"),
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOPosix", package: "swift-nio"),
                .product(name: "NIOHTTP1", package: "swift-nio"),
                .product(name: "NIOWebSocket", package: "swift-nio"),
                .product(name: "NIOHTTPTypes", package: "swift-nio-extras"),
                .product(name: "NIOHTTPTypesHTTP1", package: "swift-nio-extras"),
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
            ],
            resources: [.embedInCode("openapi.yaml")],
            swiftSettings: strict),

        .testTarget(name: "JSONTests", dependencies: ["JSON"], swiftSettings: strict),
        .testTarget(name: "SQLTests", dependencies: ["SQL", logging], swiftSettings: strict),
        .testTarget(name: "MongoTests", dependencies: ["Mongo", "JSON"], swiftSettings: strict),
        .testTarget(
            name: "FetchTests",
            dependencies: [
                "Fetch", .product(name: "NIOPosix", package: "swift-nio"),
                .product(name: "NIOCore", package: "swift-nio"),
            ],
            swiftSettings: strict),
        .testTarget(
            name: "WhatsAppTests", dependencies: ["WhatsApp", "JSON", "Fetch", crypto, logging],
            swiftSettings: strict),
        .target(
            name: "LiveKitStandIn", dependencies: ["JSON", "Fetch", logging], path: "Tests/LiveKitStandIn",
            swiftSettings: strict),
        .testTarget(
            name: "LiveKitTests", dependencies: ["LiveKit", "LiveKitStandIn", "JSON", "Fetch", crypto, logging],
            swiftSettings: strict),
        .testTarget(
            name: "GatewayTests",
            dependencies: [
                "Gateway", "SQL", "Mongo", "WhatsApp", "LiveKit", "LiveKitStandIn", "JSON", "Fetch", "Simulator",
                "CZlib", crypto, logging,
            ],
            swiftSettings: strict),
        .testTarget(
            name: "SimulatorTests", dependencies: ["Simulator", "Fetch", "WhatsApp", "JSON", logging],
            swiftSettings: strict),
        .testTarget(
            name: "VestibuleTests",
            dependencies: [
                "Vestibule", "Fetch", "JSON", "SQL", "Mongo", "WhatsApp", "LiveKitStandIn", "Simulator", crypto,
                logging,
                hummingbird,
                hummingbirdCore, .product(name: "HTTPTypes", package: "swift-http-types"),
            ],
            swiftSettings: strict),
    ]
)
