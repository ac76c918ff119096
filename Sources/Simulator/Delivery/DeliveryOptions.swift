import JSON

/// How webhooks are posted.
struct DeliveryOptions: Sendable, Equatable {
    /// Every update waits this long first.
    var delay: Duration = .zero
    /// Up to so many updates in one POST.
    var batch = 1
    /// How long a POST waits for more updates, where `batch` or `shuffle` wants some.
    var batchWindow: Duration = .milliseconds(50)
    /// Each POST is made so many times more.
    var duplicates = 0
    /// Updates of a window change places, and POSTs run side by side.
    var shuffle = false
    /// Start of the shuffling, so that it can be had again.
    var seed: UInt64 = 1
    /// How often a POST that was not answered 200 is made again.
    var retries = 10
    /// Wait before the second retry (the first is made at once); it doubles up to 30 s.
    var retryGap: Duration = .milliseconds(250)
    /// Updates pile up until this is false again.
    var paused = false

    var json: JSON {
        [
            "delayMs": .integer(delay.milliseconds), "batch": .int(batch),
            "batchWindowMs": .integer(batchWindow.milliseconds), "duplicates": .int(duplicates),
            "shuffle": .bool(shuffle), "seed": .integer(Int64(clamping: seed)), "retries": .int(retries),
            "retryGapMs": .integer(retryGap.milliseconds), "paused": .bool(paused),
        ]
    }

    /// Takes over what the reader holds; the rest stays.
    mutating func apply(_ reader: FieldReader) throws(FieldError) {
        if let value = try reader.integer("delayMs", 0...3_600_000) { delay = .milliseconds(value) }
        if let value = try reader.integer("batch", 1...1000) { batch = Int(value) }
        if let value = try reader.integer("batchWindowMs", 1...60_000) { batchWindow = .milliseconds(value) }
        if let value = try reader.integer("duplicates", 0...100) { duplicates = Int(value) }
        if let value = try reader.bool("shuffle") { shuffle = value }
        if let value = try reader.integer("seed", 0...Int64.max) { seed = UInt64(value) }
        if let value = try reader.integer("retries", 0...1000) { retries = Int(value) }
        if let value = try reader.integer("retryGapMs", 1...3_600_000) { retryGap = .milliseconds(value) }
        if let value = try reader.bool("paused") { paused = value }
    }

    static let fields = [
        "delayMs", "batch", "batchWindowMs", "duplicates", "shuffle", "seed", "retries", "retryGapMs", "paused",
    ]

    /// Wait before retry number `attempt`, from 1.
    func gap(before attempt: Int) -> Duration {
        guard attempt > 1 else { return .zero }
        return min(.seconds(30), retryGap * (1 << min(attempt - 2, 20)))
    }
}

/// Splitmix64: the same seed gives the same order on every machine.
struct SeededGenerator: RandomNumberGenerator, Sendable {
    private var state: UInt64

    init(seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9e37_79b9_7f4a_7c15
        var value = state
        value = (value ^ (value >> 30)) &* 0xbf58_476d_1ce4_e5b9
        value = (value ^ (value >> 27)) &* 0x94d0_49bb_1331_11eb
        return value ^ (value >> 31)
    }
}
