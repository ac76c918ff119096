/// One document of a batch that was not written, while the others were.
package struct MongoWriteFailure: Sendable, Hashable {
    /// Its place in the batch.
    package let index: Int
    /// The server's code, or `MongoWriteFailure.refused` when it wasn't sent at all.
    package let code: Int
    package let message: String

    package init(index: Int, code: Int, message: String) {
        self.index = index
        self.code = code
        self.message = message
    }

    /// The server's code for a bad value.
    package static let refused = 2
}
