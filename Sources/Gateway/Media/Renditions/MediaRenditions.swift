import Logging
import SQL

/// Makes other forms of stored files when they are first asked for, each once, a few at a time.
package struct MediaRenditions: Sendable {
    let database: Database
    let store: MediaStore
    let clock: Clock
    let logger: Logger
    private let work = SharedWork<String, Void>()
    /// Copies of sources in object storage and what is being made lie on the disk for the time.
    private let turns = Turns(2, waitingLimit: 256, patience: .seconds(60))

    /// What could not be made is not tried again for so long, however often it is asked for.
    private static let failureLife: Milliseconds = .hour

    init(database: Database, store: MediaStore, clock: Clock, logger: Logger) {
        self.database = database
        self.store = store
        self.clock = clock
        self.logger = logger
    }

    /// Sees to it that the form can be opened by its name.
    /// - Throws: `.notFound` when there is no such file or no such form of it; `.unavailable` when it can't be made now.
    package func prepare(_ form: Rendition, of source: String) async throws(GatewayError) {
        do {
            try await work.run(form.name(of: source)) {
                guard try await !isThere(form, source) else { return }
                let file = try await database.read { session in try MediaTable.find(source, session) }
                guard let file else { throw GatewayError(.notFound, "there is no such file") }
                guard let conversion = form.conversion(of: file.mimeType) else {
                    throw GatewayError(.notFound, "there is no such form of this file: only \(form.kinds)")
                }
                try await turns.take { try await make(form, of: source, by: conversion) }
            }
        } catch {
            throw GatewayError(wrapping: error)
        }
    }

    private func isThere(_ form: Rendition, _ source: String) async throws -> Bool {
        switch try await database.read({ session in try RenditionTable.find(form, of: source, session) }) {
        case .ready: return true
        case .failed(let time) where clock.now() - time < Self.failureLife: throw Self.impossible
        case .failed, nil: return false
        }
    }

    private func make(_ form: Rendition, of source: String, by conversion: Conversion) async throws {
        let temporary = store.temporaryPath()
        defer { store.discard(temporary) }
        do {
            try await store.withFile(source) { path in
                try await store.converter.make(conversion, of: path, at: temporary)
            }
        } catch let failure as MediaConverter.Failure {
            if case .absent(let program) = failure.reason {
                throw GatewayError(
                    .notFound, "this form of the file can't be made: \(program.rawValue) is not installed here")
            }
            logger.info(
                "no other form of a file could be made",
                metadata: ["form": "\(form.rawValue)", "cause": "\(failure.cause.suffix(300))"])
            try await keep(form, of: source, nil, conversion.type)
            throw Self.impossible
        }
        let made = try await store.facts(of: temporary)
        let name = form.name(of: source)
        try await store.storage.put(temporary, name: name, type: conversion.type)
        do {
            try await keep(form, of: source, made, conversion.type)
        } catch {
            // With the source's row this one's place is gone; without a row nobody would come for it.
            try await store.storage.remove(name)
            throw error
        }
    }

    private func keep(_ form: Rendition, of source: String, _ made: FileFacts?, _ type: String) async throws {
        let now = clock.now()
        do {
            try await database.transaction { session in
                try RenditionTable.store(
                    form, of: source, sha256: made?.sha256, type: type, size: made?.size ?? 0, at: now, session)
            }
        } catch let error as SQLError {
            guard case .foreignKey = error.kind else { throw error }
            throw GatewayError(.notFound, "there is no such file")
        }
    }

    private static let impossible = GatewayError(.notFound, "this form of the file can't be made: it can't be read")
}
