import Foundation
import Testing

@testable import Gateway

/// clamd itself at a unix socket, with one signature that was written by hand.
struct RealClamd {
    static let path = "/usr/sbin/clamd"
    static let isInstalled = FileManager.default.isExecutableFile(atPath: path)
    /// The most bytes that it takes.
    static let limit = 200 << 10
    /// What its signature finds.
    static let infection = Array("VESTIBULE-TEST-INFECTION-7f2c".utf8)

    let address: ClamdAddress

    static func run(_ body: (RealClamd) async throws -> Void) async throws {
        // Not the tests' own temporary folder: the path of a socket has to be short.
        let folder = URL(fileURLWithPath: "/tmp/clamd-\(MediaName.random().prefix(12))")
        try FileManager.default.createDirectory(
            at: folder.appending(path: "signatures"), withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }  // left over in /tmp it harms nobody
        let signature = infection.map { String($0 >> 4, radix: 16) + String($0 & 15, radix: 16) }.joined()
        try Data("Vestibule.Test:0:*:\(signature)\n".utf8).write(to: folder.appending(path: "signatures/test.ndb"))
        let settings = """
            Foreground yes
            LocalSocket \(folder.path)/socket
            DatabaseDirectory \(folder.path)/signatures
            StreamMaxLength \(limit)
            MaxThreads 4

            """
        try Data(settings.utf8).write(to: folder.appending(path: "clamd.conf"))
        let process = Process()
        process.executableURL = URL(fileURLWithPath: path)
        process.arguments = ["--config-file=\(folder.path)/clamd.conf"]
        for output in [\Process.standardOutput, \.standardError] { process[keyPath: output] = FileHandle.nullDevice }
        try process.run()
        defer {
            process.terminate()
            process.waitUntilExit()
        }
        let address = ClamdAddress.unix(path: folder.path + "/socket")
        let scanner = VirusScanner(address)
        let deadline = ContinuousClock.now + .seconds(120)
        while true {
            // Not there yet is why it is asked again.
            if (try? await scanner.check()) != nil { break }
            try #require(process.isRunning && ContinuousClock.now < deadline, "clamd does not come up")
            try await Task.sleep(for: .milliseconds(50))
        }
        try await body(RealClamd(address: address))
    }
}
