import Foundation
import Testing

@testable import Gateway

/// Real sound, pictures and films, made by ffmpeg.
enum MadeSamples {
    static let isPossible = MediaPrograms().absent.isEmpty

    static func webm() throws -> [UInt8] { try make("webm", sine(3) + ["-c:a", "libopus"]) }
    static func wav() throws -> [UInt8] { try make("wav", sine(2)) }
    static func ogg() throws -> [UInt8] { try make("ogg", sine(3) + ["-c:a", "libopus"]) }
    /// A sound as these programs write it: coder and container with their options.
    static func sound(_ suffix: String, _ options: [String]) throws -> [UInt8] {
        try make(suffix, sine(2) + options + ["-f", suffix == "aac" ? "adts" : suffix])
    }
    static func mp4() throws -> [UInt8] { try make("mp4", picture(640, 360, 2) + ["-pix_fmt", "yuv420p"]) }
    static func gif() throws -> [UInt8] { try make("gif", picture(200, 100, 1)) }
    static func webp() throws -> [UInt8] { try make("webp", picture(500, 400, 1) + ["-frames:v", "1"]) }
    static func jpeg(_ width: Int, _ height: Int) throws -> [UInt8] {
        try make("jpg", picture(width, height, 1) + ["-frames:v", "1"])
    }
    /// Nothing is to be seen of it.
    static func transparent() throws -> [UInt8] {
        try make("png", ["-f", "lavfi", "-i", "color=red@0.0:s=300x200,format=rgba", "-frames:v", "1"])
    }
    /// Noise, so that it can't be made small: over 5 MiB.
    static func large(_ type: String) throws -> [UInt8] {
        let noise = ["-f", "lavfi", "-i", "nullsrc=s=3600x2700,geq=random(1)*255:128:128", "-frames:v", "1"]
        return try make(type, noise + (type == "jpg" ? ["-q:v", "1"] : []))
    }
    /// Has all parts of a JPEG, and no picture in them.
    static let unreadable: [UInt8] =
        [0xFF, 0xD8, 0xFF, 0xDA, 0, 8, 1, 1, 0, 0, 0x3F, 0] + Samples.zeros(3000) + [0xFF, 0xD9]
    /// One page.
    static let pdf = Array(
        """
        %PDF-1.4
        1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj
        2 0 obj<</Type/Pages/Kids[3 0 R]/Count 1>>endobj
        3 0 obj<</Type/Page/Parent 2 0 R/MediaBox[0 0 612 792]>>endobj
        trailer<</Root 1 0 R>>
        %%EOF

        """.utf8)

    private static func sine(_ seconds: Int) -> [String] { ["-f", "lavfi", "-i", "sine=440:d=\(seconds)"] }

    private static func picture(_ width: Int, _ height: Int, _ seconds: Int) -> [String] {
        ["-f", "lavfi", "-i", "testsrc=d=\(seconds):s=\(width)x\(height)"]
    }

    private static func make(_ suffix: String, _ arguments: [String]) throws -> [UInt8] {
        try withFile(suffix) { path in
            _ = try run("ffmpeg", ["-nostdin", "-loglevel", "error"] + arguments + ["-y", path])
            return [UInt8](try Data(contentsOf: URL(fileURLWithPath: path)))
        }
    }

    /// What ffprobe says of the first stream, as `codec_name=opus`.
    static func facts(_ bytes: [UInt8], _ suffix: String) throws -> [String: String] {
        let text = try withFile(suffix) { path in
            try Data(bytes).write(to: URL(fileURLWithPath: path))
            return try run("ffprobe", ["-loglevel", "error", "-show_streams", path])
        }
        let pairs = text.split(separator: "\n").compactMap { line -> (String, String)? in
            let parts = line.split(separator: "=", maxSplits: 1)
            return parts.count == 2 ? (String(parts[0]), String(parts[1])) : nil
        }
        return Dictionary(pairs) { first, _ in first }
    }

    /// Red, green and blue of a picture's first pixel.
    static func pixel(_ bytes: [UInt8]) throws -> [UInt8] {
        try withFile("jpg") { path in
            try Data(bytes).write(to: URL(fileURLWithPath: path))
            let raw = path + ".rgb"
            defer { unlink(raw) }
            _ = try run(
                "ffmpeg",
                ["-nostdin", "-loglevel", "error", "-i", path, "-f", "rawvideo", "-pix_fmt", "rgb24", "-y", raw])
            return [UInt8](try Data(contentsOf: URL(fileURLWithPath: raw)).prefix(3))
        }
    }

    private static func withFile<Value>(_ suffix: String, _ body: (String) throws -> Value) throws -> Value {
        let path = NSTemporaryDirectory() + "/sample-\(MediaName.random()).\(suffix)"
        defer { unlink(path) }
        return try body(path)
    }

    private static func run(_ program: String, _ arguments: [String]) throws -> String {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/\(program)")
        process.arguments = arguments
        process.standardInput = FileHandle.nullDevice
        let pipe = Pipe()
        process.standardOutput = pipe
        try process.run()
        let output = pipe.fileHandleForReading.readDataToEndOfFile()
        process.waitUntilExit()
        try #require(process.terminationStatus == 0, "\(program) \(arguments)")
        return String(decoding: output, as: UTF8.self)
    }
}

@Test func `continuous integration makes other forms of files`() {
    #expect(ProcessInfo.processInfo.environment["CI"] != "true" || MadeSamples.isPossible)
}
