import Testing

@Suite struct SoakTrendTests {
    /// Memory in MB that goes up and down by some of them, as an allocator's does.
    private static func wave(_ index: Int) -> Double { 80 + [0, 3, -2, 5, -4, 1][index % 6] }

    @Test func `what warms up, swings and has a peak is level`() {
        var samples = (0..<400).map { Self.wave($0) - ($0 < 80 ? 40 * (1 - Double($0) / 80) : 0) }
        samples[250] += 60
        #expect(SoakTrend(samples).isLevel(within: 2))
    }

    @Test func `a steady leak is none of it`() {
        // Ten megabytes in the whole time.
        #expect(!SoakTrend((0..<400).map { Self.wave($0) + Double($0) / 40 }).isLevel(within: 6))
        // The same in the last third alone.
        #expect(!SoakTrend((0..<400).map { Self.wave($0) + max(0, Double($0 - 270) / 13) }).isLevel(within: 6))
    }

    @Test func `descriptors that leak one by one are seen`() {
        #expect(SoakTrend((0..<400).map { _ in 40 }).isLevel(within: 3))
        #expect(!SoakTrend((0..<400).map { 40 + Double($0 / 50) }).isLevel(within: 3))
    }
}
