/// What is wrong with a file of a type that is allowed.
struct Malformed: Error, Hashable {
    /// As it stands behind "the file is image/jpeg, but".
    let problem: String

    static let cutOff = Malformed(problem: "it is cut off")
    static let silence = Malformed(problem: "there is no whole sound in it")
    static let tail = Malformed(problem: "other data follow its end")
    static let parts = Malformed(problem: "its parts do not fit together")
}
