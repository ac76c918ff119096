/// A credential: an access token, an app secret, a verify token. It never prints itself.
package struct Secret: Sendable {
    private let value: String

    package init(_ value: String) {
        self.value = value
    }

    /// The credential in the clear, for the one place that has to send it or compute with it.
    package func reveal() -> String { value }

    package var isEmpty: Bool { value.isEmpty }

    /// Compares without leaving at the first difference. Only the length can be told from the time it takes.
    package func constantTimeEquals(_ other: some Collection<UInt8>) -> Bool {
        let own = value.utf8
        guard own.count == other.count else { return false }
        var difference: UInt8 = 0
        for (left, right) in zip(own, other) { difference |= left ^ right }
        return difference == 0
    }

    package func constantTimeEquals(_ other: String) -> Bool { constantTimeEquals(other.utf8) }
}

extension Secret: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    package var description: String { "<redacted>" }
    package var debugDescription: String { "<redacted>" }
    package var customMirror: Mirror { Mirror(self, children: ["value": "<redacted>"]) }
}
