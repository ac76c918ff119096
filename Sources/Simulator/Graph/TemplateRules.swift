import JSON

/// Holds a template message against the account's templates.
enum TemplateRules {
    static func check(_ content: JSON) throws(GraphError) -> ContentRules.Checked {
        let name = try ContentRules.text(content, "name", in: "template", 1...512)
        guard let language = content["language"], language.object != nil else { throw .missing("template.language") }
        let code = try ContentRules.text(language, "code", in: "template.language", 1...16)
        guard let template = Template.all.first(where: { $0.name == name && $0.language == code }),
            template.status != "PENDING"
        else {
            throw GraphError(code: 132001, details: "template name (\(name)) does not exist in \(code)")
        }
        if template.status == "PAUSED" { throw GraphError(code: 132015) }
        var components: [JSON] = []
        if let list = content["components"], !list.isNull {
            guard let items = list.array else { throw .value("template.components must be an array.") }
            components = items
        }
        var texts: [String] = []
        var hasHeader = false
        for (index, component) in components.enumerated() {
            let path = "template.components[\(index)]"
            let parameters = try parameters(component, path)
            switch component["type"]?.string?.lowercased() {
            case "header": hasHeader = try checkHeader(parameters, template, path)
            case "body": texts = try body(parameters, template, path)
            case "button": try button(component, template, path)
            default: throw .value("\(path).type must be header, body or button.")
            }
        }
        guard texts.count == template.count else {
            throw GraphError(
                code: 132000,
                details: "body: number of localizable_params (\(texts.count)) does not match the expected number of "
                    + "params (\(template.count))")
        }
        if template.header != nil, !hasHeader {
            throw GraphError(
                code: 132012, details: "header: Format mismatch, expected \(template.header ?? ""), received UNKNOWN")
        }
        return ContentRules.Checked(summary: filled(template, texts), category: template.category.lowercased())
    }

    private static func parameters(_ component: JSON, _ path: String) throws(GraphError) -> [JSON] {
        guard let value = component["parameters"], !value.isNull else { return [] }
        guard let parameters = value.array, parameters.allSatisfy({ $0.object != nil }) else {
            throw .value("\(path).parameters must be an array of objects.")
        }
        return parameters
    }

    private static func checkHeader(
        _ parameters: [JSON], _ template: Template, _ path: String
    ) throws(GraphError) -> Bool {
        guard let expected = template.header else {
            if parameters.isEmpty { return false }
            throw GraphError(code: 132018, details: "\(path): this template has no header.")
        }
        let kind = expected.lowercased()
        guard parameters.count == 1, parameters[0]["type"]?.string == kind, let media = parameters[0][kind],
            media["id"]?.string != nil || media["link"]?.string != nil
        else {
            throw GraphError(code: 132012, details: "header: Format mismatch, expected \(expected)")
        }
        return true
    }

    private static func body(
        _ parameters: [JSON], _ template: Template, _ path: String
    ) throws(GraphError) -> [String] {
        var texts: [String] = []
        var named: [String: String] = [:]
        for (index, parameter) in parameters.enumerated() {
            let text: String
            switch parameter["type"]?.string {
            case "text": text = try ContentRules.text(parameter, "text", in: "\(path).parameters[\(index)]", 1...4096)
            case let kind? where kind == "currency" || kind == "date_time":
                text = try ContentRules.text(
                    parameter[kind] ?? .null, "fallback_value", in: "\(path).parameters[\(index)].\(kind)", 1...4096)
            default:
                throw GraphError(code: 132012, details: "\(path).parameters[\(index)].type must be text.")
            }
            texts.append(text)
            if let name = parameter["parameter_name"]?.string { named[name] = text }
        }
        guard let names = template.names, texts.count == names.count else { return texts }
        let ordered = names.compactMap { named[$0] }
        guard ordered.count == names.count else {
            throw GraphError(
                code: 132000, details: "body: parameter_name must be one each of \(names.joined(separator: ", ")).")
        }
        return ordered
    }

    private static func button(_ component: JSON, _ template: Template, _ path: String) throws(GraphError) {
        let index = component["index"].flatMap { $0.int ?? $0.string.flatMap { Int64($0) } }
        guard let index, index >= 0, index < template.buttons.count else {
            throw GraphError(code: 132018, details: "\(path).index is not the position of a button.")
        }
        let kind = template.buttons[Int(index)]["type"]?.string?.lowercased()
        guard component["sub_type"]?.string?.lowercased() == kind else {
            throw GraphError(code: 132018, details: "\(path).sub_type does not fit the button: it is \(kind ?? "").")
        }
    }

    private static func filled(_ template: Template, _ texts: [String]) -> String {
        var text = template.body
        for (index, value) in texts.enumerated() {
            let variable = template.names?[index] ?? String(index + 1)
            text = text.split(separator: "{{\(variable)}}", omittingEmptySubsequences: false).joined(separator: value)
        }
        return text
    }
}
