import JSON
import Testing

@testable import WhatsApp

/// Reads a JSON text of a test.
func json(_ text: String) throws -> JSON { try JSON(parsing: text.utf8) }

/// The value at `path`, as in `action.buttons[0].reply.id`, replaced; `nil` removes it.
func replacing(_ path: String, in value: JSON, with new: JSON?) -> JSON {
    var keys = path.split { ".[]".contains($0) }.map(String.init)
    return replace(&keys, value, new)
}

private func replace(_ keys: inout [String], _ value: JSON, _ new: JSON?) -> JSON {
    guard !keys.isEmpty else { return new ?? .null }
    let key = keys.removeFirst()
    if let place = Int(key), case .array(var items) = value {
        if keys.isEmpty, let new, place == items.count {
            items.append(new)
        } else {
            items[place] = replace(&keys, items[place], new)
        }
        return .array(items)
    }
    guard case .object(var object) = value else { return value }
    object[key] = keys.isEmpty ? new : replace(&keys, object[key] ?? [:], new)
    return .object(object)
}

/// The field that the maker finds fault with; nil when it takes the value.
func fault(_ make: () throws(FieldError) -> OutgoingContent) -> String? {
    do throws(FieldError) {
        _ = try make()
        return nil
    } catch {
        return error.field
    }
}

func characters(_ count: Int) -> JSON { .string(String(repeating: "é", count: count)) }

/// The content comes back from what is stored of it, also after the storing engine wrote and read it as text.
func expectRestored(_ content: OutgoingContent, sourceLocation: SourceLocation = #_sourceLocation) throws {
    let stored = content.storedJSON()
    #expect(try OutgoingContent(stored: stored) == content, sourceLocation: sourceLocation)
    let read = try JSON(parsing: stored.encoded())
    #expect(try OutgoingContent(stored: read) == content, sourceLocation: sourceLocation)
}
