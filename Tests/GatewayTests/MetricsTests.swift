import Gateway
import SQL
import Testing

@Suite struct MetricsTests {
    @Test func `the exposition is in the format of Prometheus, families in order`() {
        let metrics = Metrics()
        metrics.counter("b_total", help: "B.", labels: ["z": "1", "a": "x"]).increment(by: 2)
        metrics.counter("b_total", help: "B.", labels: ["a": "x", "z": "1"]).increment()
        metrics.counter("b_total", help: "B.").increment()
        metrics.gauge("a", help: "A.").set(1.5)
        #expect(
            metrics.exposition() == """
                # HELP a A.
                # TYPE a gauge
                a 1.5
                # HELP b_total B.
                # TYPE b_total counter
                b_total 1
                b_total{a="x",z="1"} 3

                """)
    }

    @Test func `a histogram's buckets add up, with its bounds inclusive`() {
        let metrics = Metrics()
        let histogram = metrics.histogram("h", help: "H.", buckets: [0.5, 1, 2.5], labels: ["k": "v"])
        for value in [0.5, 0.75, 1, 7] { histogram.observe(value) }
        histogram.observe(.milliseconds(250))
        #expect(
            metrics.exposition() == """
                # HELP h H.
                # TYPE h histogram
                h_bucket{k="v",le="0.5"} 2
                h_bucket{k="v",le="1"} 4
                h_bucket{k="v",le="2.5"} 4
                h_bucket{k="v",le="+Inf"} 5
                h_sum{k="v"} 9.5
                h_count{k="v"} 5

                """)
    }

    @Test func `a label's value can't break out of its quotes`() {
        let metrics = Metrics()
        metrics.counter("c", help: "C.", labels: ["l": "a\"b\\c\nd"]).increment()
        #expect(metrics.exposition().contains(#"c{l="a\"b\\c\nd"} 1"#))
    }

    @Test func `counts from many tasks are all kept`() async {
        let metrics = Metrics()
        await withTaskGroup { group in
            for _ in 0..<20 {
                group.addTask {
                    for _ in 0..<500 {
                        metrics.counter("c", help: "C.").increment()
                        metrics.histogram("h", help: "H.").observe(1)
                        metrics.gauge("g", help: "G.").add(1)
                    }
                }
            }
        }
        #expect(metrics.counter("c", help: "C.").value == 10_000)
        #expect(metrics.gauge("g", help: "G.").value == 10_000)
        #expect(metrics.exposition().contains("h_count 10000"))
    }

    @Test(arguments: Engines.all)
    func `what the gateway shows holds no phone number, room or text`(_ engine: SQLEngine) async throws {
        try await Harness.run(engine) { harness in
            try await harness.receive(messages: [harness.text("secret words", from: "15550100001", id: "wamid.x")])
            await harness.gateway.refreshGauges()
            let shown = harness.metrics.exposition()
            #expect(shown.contains("vestibule_messages_received_total 1\n"))
            #expect(shown.contains("vestibule_webhooks_total 1\n"))
            #expect(shown.contains("vestibule_ingest_queue 0\n"))
            for word in ["15550100001", "whatsapp_1555", "secret", "wamid"] { #expect(!shown.contains(word)) }
            for line in shown.split(separator: "\n") where !line.hasPrefix("#") {
                #expect(line.wholeMatch(of: /[a-z_]+(\{[^{}]*\})? [-+0-9.einfINF]+/) != nil, "\(line)")
            }
        }
    }
}
