import Fetch
import Foundation

/// A real nginx on a free port of the loopback address, with a folder of its own, for the length of a test.
final class Nginx: Sendable {
    static let path = "/usr/sbin/nginx"
    static let isInstalled = FileManager.default.isExecutableFile(atPath: path)

    let base: String

    private init(port: UInt16) { base = "http://127.0.0.1:\(port)" }

    /// - Parameter server: what stands in the `server` block beside `listen`.
    static func run<Value>(
        _ server: String, fetch: FetchClient, _ body: (Nginx) async throws -> Value
    ) async throws -> Value {
        try await withFolder { folder in
            // Another process may take the port before nginx does.
            for attempt in 1...5 {
                let port = freePort()
                let process = try start(server, port: port, folder: folder)
                defer {
                    process.terminate()
                    process.waitUntilExit()
                }
                let nginx = Nginx(port: port)
                let answers = try await eventually("nginx answers or has ended") {
                    if !process.isRunning { return false }
                    // Not reachable yet is why it is asked again.
                    return (try? await fetch.send(FetchRequest(url: nginx.base + "/ping")))?.status == 204 ? true : nil
                }
                if answers { return try await body(nginx) }
                guard attempt < 5 else { break }
            }
            let log = FileManager.default.contents(atPath: folder.appending(path: "error.log").path) ?? Data()
            throw WaitedTooLong(what: "nginx ran: \(String(decoding: log, as: UTF8.self))")
        }
    }

    private static func start(_ server: String, port: UInt16, folder: URL) throws -> Process {
        let temporary = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"].map {
            "\($0)_temp_path \(folder.path)/\($0);"
        }
        let text = """
            \(geteuid() == 0 ? "user root;" : "")
            daemon off;
            worker_processes 1;
            pid \(folder.path)/pid;
            error_log \(folder.path)/error.log;
            events { worker_connections 256; }
            http {
              access_log off;
              default_type application/octet-stream;
              sendfile on;
              \(temporary.joined(separator: "\n  "))
              server {
                listen 127.0.0.1:\(port);
                location = /ping { return 204; }
                \(server)
              }
            }
            """
        let configuration = folder.appending(path: "nginx.conf")
        try Data(text.utf8).write(to: configuration)
        let process = Process()
        process.executableURL = URL(fileURLWithPath: path)
        process.arguments = ["-p", folder.path, "-e", folder.path + "/error.log", "-c", configuration.path]
        process.standardInput = FileHandle.nullDevice
        process.standardError = FileHandle.nullDevice
        try process.run()
        return process
    }
}
