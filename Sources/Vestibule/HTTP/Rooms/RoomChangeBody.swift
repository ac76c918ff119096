import Gateway
import JSON

/// The body of a change of a room.
enum RoomChangeBody {
    private static let fields = ["assignee", "tags", "state"]
    private static let mostTags = 50
    private static let tagLength = 1...64

    static func change(_ body: JSON) throws(FieldError) -> RoomChange {
        let reader = try FieldReader(body, allowed: fields)
        var change = RoomChange()
        if let assignee = try reader.string("assignee", 1...255) {
            change.assignment = .to(assignee)
        } else if body["assignee"] != nil {
            change.assignment = .nobody
        }
        change.tags = try reader.array("tags", count: 0...mostTags).map { items throws(FieldError) in
            try tags(items, reader)
        }
        change.state = try reader.choice("state", of: RoomState.allCases.map(\.rawValue)).flatMap(RoomState.init)
        guard change.assignment != nil || change.tags != nil || change.state != nil else {
            throw FieldError(field: "", problem: "must have \(fields.joined(separator: ", ")), or one of them")
        }
        return change
    }

    /// Each once, in the order given.
    private static func tags(_ items: [JSON], _ reader: FieldReader) throws(FieldError) -> [String] {
        var tags: [String] = []
        for (place, item) in items.enumerated() {
            guard let tag = item.string, tagLength.contains(tag.unicodeScalars.count) else {
                throw reader.error(
                    "tags[\(place)]",
                    "must be a string of \(tagLength.lowerBound) to \(tagLength.upperBound) characters")
            }
            if !tags.contains(tag) { tags.append(tag) }
        }
        return tags
    }
}
