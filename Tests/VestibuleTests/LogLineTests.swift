import JSON
import Logging
import Testing

@testable import Vestibule

@Suite struct LogLineTests {
    private func line(_ message: String, _ fields: Logger.Metadata = [:]) -> LogLine {
        LogLine(
            time: LogTime(seconds: 1_700_000_000, milliseconds: 7), level: .warning, label: "vestibule",
            message: message, fields: fields)
    }

    @Test func `a text line has its time, level and message, then fields in order`() {
        let text = line("job failed", ["b": "2", "a": "one two", "c": ""]).text
        #expect(text == "2023-11-14T22:13:20.007Z warning job failed a=\"one two\" b=2 c=\"\"\n")
    }

    @Test(arguments: ["a\nb", "a\r\nb", "a\u{1B}[31mb", "a\u{2028}b", "a\u{85}b", "a\u{0}b"])
    func `nothing from outside begins a line of its own or drives a terminal`(text: String) {
        let line = line(text, ["x": "\(text)"])
        for written in [line.text, line.json] {
            #expect(written.hasSuffix("\n"))
            let inner = written.dropLast()
            #expect(
                !inner.unicodeScalars.contains {
                    $0.value < 0x20 || $0.value == 0x85 && written == line.text || $0.value == 0x2028
                })
        }
    }

    @Test func `a JSON line is one object, and a field can't take the place of the message`() throws {
        let text = line("hello", ["message": "forged", "list": ["a", "b"], "map": ["k": "v"]]).json
        let json = try JSON(parsing: Array(text.utf8))
        #expect(json["message"] == "hello")
        #expect(json["_message"] == "forged")
        #expect(json["time"] == "2023-11-14T22:13:20.007Z")
        #expect(json["list"] == ["a", "b"])
        #expect(json["map"] == ["k": "v"])
    }
}
