import Gateway
import Testing

@Suite struct ClockTests {
    @Test(arguments: [
        (1_795_242_304_708, "2026-11-21T06:25:04.708Z"), (1_855_958_399_999, "2028-10-23T23:59:59.999Z"),
        (951_782_400_000, "2000-02-29T00:00:00.000Z"), (0, "1970-01-01T00:00:00.000Z"),
        (-1, "1969-12-31T23:59:59.999Z"), (1, "1970-01-01T00:00:00.001Z"),
    ])
    func `a time keeps its last millisecond in ISO 8601`(_ time: Int64, _ text: String) {
        #expect(time.iso8601 == text)
    }
}
