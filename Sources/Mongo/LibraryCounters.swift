import Foundation

/// Counters that libmongoc keeps in shared memory for a tool of its own. It makes them when it is loaded, before the
/// program begins, and removes them at an orderly end.
package enum LibraryCounters {
    /// Takes their name away at once. What a killed process leaves would be found by a later one with the same process
    /// id, and the library would say so on the standard output, among lines of JSON.
    package static func removeName() {
        // Without shared memory there is none.
        _ = shm_unlink("/mongoc-\(ProcessInfo.processInfo.processIdentifier)")
    }
}
