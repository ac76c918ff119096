import JSON
import Logging

/// Writes each log event as one line to standard error. Line breaks in values are escaped, so that nothing from
/// outside can forge a line.
struct LineLogHandler: LogHandler {
    let label: String
    let format: LogFormat
    var logLevel: Logger.Level
    var metadata: Logger.Metadata = [:]
    var metadataProvider: Logger.MetadataProvider?

    init(label: String, format: LogFormat, level: Logger.Level) {
        self.label = label
        self.format = format
        logLevel = level
    }

    subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    func log(event: LogEvent) {
        var fields = metadata
        if let provided = metadataProvider?.get(), !provided.isEmpty {
            fields.merge(provided) { _, new in new }
        }
        if let own = event.metadata, !own.isEmpty {
            fields.merge(own) { _, new in new }
        }
        if let error = event.error {
            fields["error"] = "\(error)"
        }
        let line = LogLine(
            time: .now(), level: event.level, label: label, message: event.message.description, fields: fields)
        StandardStream.error.write(format == .json ? line.json : line.text)
    }
}
