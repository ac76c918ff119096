import Testing

@testable import Vestibule

@Suite struct DotEnvFileTests {
    @Test(arguments: [
        ("A=b", "b"), ("A = b ", "b"), ("export A=b", "b"), ("A=b # c", "b"), ("A=b#c", "b#c"), ("A=", ""),
        ("A='b # c'", "b # c"), ("A='b\\n'", "b\\n"), (#"A="b\n\"c\"""#, "b\n\"c\""), (#"A="b" # c"#, "b"),
        ("A=b=c", "b=c"), ("A=b\r", "b"), ("A=$HOME", "$HOME"), (#"A="\$x\y""#, #"$x\y"#), ("A=b\nA=c", "c"),
    ])
    func `a line sets a value`(text: String, value: String) {
        let file = DotEnvFile(text)
        #expect(file.values == ["A": value])
        #expect(file.problems.isEmpty)
    }

    @Test func `comments and empty lines are skipped`() {
        let file = DotEnvFile("\n# A=b\n   \n  # c\n")
        #expect(file.values.isEmpty)
        #expect(file.problems.isEmpty)
    }

    @Test(arguments: ["A", "1A=b", "A B=c", "A=\"b", "A='b", "A='b'c", "=b", "Ä=b"])
    func `a line that can't be read is a problem with its number`(line: String) {
        let file = DotEnvFile("OK=1\n\(line)")
        #expect(file.values == ["OK": "1"])
        #expect(file.problems.map(\.name) == [".env line 2"])
    }
}
