import Foundation

/// The programs that make other forms of files. Without them files stay as they are.
package struct MediaPrograms: Sendable {
    package enum Name: String, CaseIterable, Sendable {
        case ffmpeg, pdftoppm, prlimit, setpriv

        /// Debian's.
        package var package: String {
            switch self {
            case .ffmpeg: "ffmpeg"
            case .pdftoppm: "poppler-utils"
            case .prlimit, .setpriv: "util-linux"
            }
        }
    }

    private let paths: [Name: String]

    /// - Parameter path: folders to look in, separated by colons.
    package init(in path: String = ProcessInfo.processInfo.environment["PATH"] ?? "") {
        let folders = path.split(separator: ":").filter { $0.hasPrefix("/") }
        var paths: [Name: String] = [:]
        for name in Name.allCases {
            paths[name] = folders.map { "\($0)/\(name.rawValue)" }.first(
                where: FileManager.default.isExecutableFile(atPath:))
        }
        self.paths = paths
    }

    /// Those that are not there.
    package var absent: [Name] { Name.allCases.filter { paths[$0] == nil } }

    subscript(_ name: Name) -> String? { paths[name] }

    var bounds: ChildProcess.Bounds? {
        guard let setpriv = paths[.setpriv], let prlimit = paths[.prlimit] else { return nil }
        return ChildProcess.Bounds(setpriv: setpriv, prlimit: prlimit)
    }
}
