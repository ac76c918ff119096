import Foundation
import SQL
import Testing

@testable import Gateway

/// What a crash leaves of files that were being received or stored.
@Suite(.timeLimit(.minutes(10))) struct MediaCrashTests {
    @Test(arguments: Engines.all)
    func `what a crash left half-received goes at the next start, another gateway's work in hand stays`(
        _ engine: SQLEngine
    ) async throws {
        try await Harness.run(engine) { harness in
            let inHand = harness.gateway.media.temporaryPath()
            try Data([1]).write(to: URL(filePath: inHand))
            // As of a process that is gone: nobody holds its lock.
            let abandoned = harness.uploads.appending(path: ".incoming/0123456789abcdef")
            try FileManager.default.createDirectory(at: abandoned, withIntermediateDirectories: true)
            for name in [".lock", "half"] { try Data([2]).write(to: abandoned.appending(path: name)) }

            let again = try await Harness.open(harness.settings, harness.clock)
            #expect(harness.incoming == [URL(filePath: inHand).lastPathComponent])
            #expect(!FileManager.default.fileExists(atPath: abandoned.path))
            await again.close()
        }
    }

    @Test(arguments: Engines.all)
    func `a file has its row before it has its name`(_ engine: SQLEngine) async throws {
        try await Harness.run(engine) { harness in
            let media = harness.gateway.media
            let temporary = media.temporaryPath()
            try Data(Samples.jpeg).write(to: URL(filePath: temporary))
            // The row can't be written, as when the database goes away at this moment.
            try await harness.database.transaction { session in
                _ = try session.execute("ALTER TABLE media RENAME TO media_away")
            }
            await #expect(throws: (any Error).self) {
                try await media.adopt(
                    temporary, kind: .image, sha256: [1], size: Int64(Samples.jpeg.count), originalName: nil,
                    account: .default, isSending: false)
            }
            #expect(harness.stored.isEmpty && harness.incoming.isEmpty)
        }
    }

    @Test(arguments: Engines.all)
    func `a file that can't be stored leaves nothing half-done`(_ engine: SQLEngine) async throws {
        try await Harness.run(engine) { harness in
            let media = harness.gateway.media
            let temporary = media.temporaryPath()
            try Data(Samples.jpeg).write(to: URL(filePath: temporary))
            // Nowhere to go.
            try FileManager.default.removeItem(at: harness.uploads.appending(path: "whatsapp"))
            await #expect(throws: FileError.self) {
                try await media.adopt(
                    temporary, kind: .image, sha256: [1], size: Int64(Samples.jpeg.count), originalName: nil,
                    account: .default, isSending: false)
            }
            #expect(try await harness.count("SELECT COUNT(*) AS n FROM media") == 0)
            #expect(harness.incoming.isEmpty)
        }
    }

    @Test(arguments: Engines.all)
    func `a stored file that no message came to point to is the purge's, a day later`(_ engine: SQLEngine) async throws
    {
        try await Harness.run(engine) { harness in
            let media = harness.gateway.media
            let temporary = media.temporaryPath()
            try Data(Samples.jpeg).write(to: URL(filePath: temporary))
            let row = try await media.adopt(
                temporary, kind: .image, sha256: [1], size: Int64(Samples.jpeg.count), originalName: nil,
                account: .default, isSending: false)
            #expect(harness.stored == [row.name])
            #expect(try await harness.count("SELECT COUNT(*) AS n FROM media") == 1)
            harness.clock.advance(by: .seconds(86_400))
            try await harness.gateway.purge.purge()
            #expect(harness.stored.isEmpty)
            #expect(try await harness.count("SELECT COUNT(*) AS n FROM media") == 0)
        }
    }
}
