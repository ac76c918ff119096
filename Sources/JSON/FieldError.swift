/// What is wrong with one field of a request, in words for the caller.
package struct FieldError: Error, Hashable {
    /// Where it stands, as in `template.components[0].type`; empty for the request's body itself.
    package let field: String
    /// Continues the field's name: "must be a string of 1 to 4096 characters".
    package let problem: String

    package init(field: String, problem: String) {
        self.field = field
        self.problem = problem
    }

    package var message: String { field.isEmpty ? "the body \(problem)" : "`\(field)` \(problem)" }
}
