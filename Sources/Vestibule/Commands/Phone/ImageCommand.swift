import ArgumentParser
import Foundation

struct ImageCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "image", abstract: "Sends a picture to the business.")

    @Argument(help: "The customer's number, as +15550100001.")
    var number: String

    @Argument(help: "A JPEG, PNG or WebP file; without one a sample is sent.")
    var file: String?

    @Option(help: ArgumentHelp("Text under the picture.", valueName: "text"))
    var caption: String?

    @OptionGroup var simulator: SimulatorOption

    func run() async throws {
        let picture = try file.map(Self.read)
        try await simulator.with { client in
            print(
                try await client.sendMedia(
                    "image", bytes: picture?.bytes, mimeType: picture?.mimeType, caption: caption, from: number))
        }
    }

    private static func read(_ file: String) throws -> (bytes: [UInt8], mimeType: String) {
        let types = ["jpg": "image/jpeg", "jpeg": "image/jpeg", "png": "image/png", "webp": "image/webp"]
        guard let type = types[(file as NSString).pathExtension.lowercased()] else {
            throw ValidationError("\(file): expected a .jpg, .png or .webp file")
        }
        guard let data = FileManager.default.contents(atPath: file) else {
            throw ValidationError("\(file): cannot be read")
        }
        return (Array(data), type)
    }
}
