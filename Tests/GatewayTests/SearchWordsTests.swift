import Testing

@testable import Gateway

@Suite struct SearchWordsTests {
    @Test(arguments: [
        ("Hello, WORLD! hello", "hello world"), ("don't  e-mail me@example.com", "don t e mail me example com"),
        ("Grüße aus Ærø: café, naïve, Łódź, SS", "grusse aus aero cafe naive lodz ss"),
        ("cafe\u{301} ﬁne ①② ２０２６", "cafe fine 12 2026"), ("ΟΔΟΣ οδός ΟΔΥΣΣΕΎΣ", "οδοσ οδυσσευσ"),
        ("Ёлка ёлка", "елка"), ("مَرْحَبًا مرحبا", "مرحبا"), ("שָׁלוֹם", "שלום"), ("İstanbul ısı", "istanbul isi"),
        ("한국어 검색", "한국어 검색"), ("नमस्ते दुनिया", "नमस्ते दुनिया"), ("東京都", "東京 京都 都"), ("a東京b", "a 東京 京 b"),
        ("Order #10-42_x", "order 10 42 x"), ("🦆 … — !?", ""), ("", ""), ("a\u{0}b", "a b"),
        ("soft\u{AD}hyphen", "softhyphen"),
        ("'; DROP TABLE rooms; -- \"x\" & | ! :* <->", "drop table rooms x"),
    ])
    func `a text is taken apart into words`(text: String, words: String) {
        #expect(SearchWords.words(of: [text]).joined(separator: " ") == words)
    }

    @Test func `words are cut and counted, so that no text is too much for an index`() {
        let long = String(repeating: "ä", count: 10_000)
        #expect(SearchWords.words(of: [long]) == [String(repeating: "a", count: SearchWords.longestWord)])
        let many = (0..<5000).map(String.init).joined(separator: " ")
        #expect(SearchWords.words(of: [many, "more"]).count == SearchWords.mostWords)
        #expect(SearchWords.words(of: ["b a", nil, "c b"]) == ["b", "a", "c"])
    }

    @Test(arguments: [
        ("Hello wor", "'hello' & 'wor':*", "\"hello\" AND \"wor\"*"), ("a", "'a'", "\"a\""),
        ("東", "'東':*", "\"東\"*"), ("東京都", "'東京' & '京都'", "\"東京\" AND \"京都\""),
        ("x' & !y:*", "'x' & 'y'", "\"x\" AND \"y\""),
        ("\"ab\" OR NOT*", "'ab' & 'or' & 'not':*", "\"ab\" AND \"or\" AND \"not\"*"),
    ])
    func `what is asked is all of its words, the last perhaps the beginning of one`(
        text: String, postgres: String, sqlite: String
    ) throws {
        let query = try SearchQuery.messages(text)
        #expect(query.text(for: .postgres) == postgres && query.text(for: .sqlite) == sqlite)
    }

    @Test func `what has no word in it, or is too long, is refused`() {
        let texts = [
            "", " ", "!?", "🦆", "\u{0}", "\u{0903}", String(repeating: "x", count: 201),
        ]
        for text in texts {
            let error = #expect(throws: GatewayError.self, "\(text)") { try SearchQuery.messages(text) }
            #expect(error?.code == .invalid && error?.data["field"] == "q", "\(text)")
        }
    }

    @Test func `a number is looked for as one, however it is written`() throws {
        for text in ["+1 (555) 010-0001", "15550100001", "1555 010 0001"] {
            #expect(try SearchQuery.rooms(text).terms == [SearchQuery.Term(word: "15550100001", isBeginning: true)])
        }
        #expect(try SearchQuery.rooms("12 3").terms.count == 2)
        #expect(try SearchQuery.rooms("Ana 2026").terms.count == 2)
        let words = RoomWords.words(name: "Ana Líma", username: "a.lima", phoneNumber: "+15550", tags: ["VIP one"])
        #expect(words == ["15550", "5550", "ana", "lima", "a", "vip", "one"])
        #expect(RoomWords.words(name: nil, username: nil, phoneNumber: "+123", tags: []) == ["123"])
    }

    @Test func `the index leaves a busy database to the webhooks until it is a minute behind`() {
        var pace = SearchPace()
        let start = ContinuousClock.now
        let step = Duration.milliseconds(20)
        pace.look(0, at: start)
        #expect(pace.rest(after: step, age: 1000) == step)
        pace.look(5000, at: start + .seconds(1))
        #expect(pace.eventsPerSecond == 5000)
        #expect(pace.rest(after: step, age: 1000) == step * 50)
        #expect(pace.rest(after: .seconds(1), age: 1000) == .seconds(5))
        #expect(pace.rest(after: step, age: 61_000) == step * 3)
        pace.look(5100, at: start + .seconds(2))
        #expect(pace.rest(after: step, age: 1000) == step)
        // Too soon to tell.
        pace.look(9000, at: start + .milliseconds(2010))
        #expect(pace.eventsPerSecond == 100)
    }
}
