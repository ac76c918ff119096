import JSON

// What asks the user for something other than a tap on a choice: a place, an address, a call, a phone number.
extension InteractiveMessage {
    func checkLocationRequest() throws(FieldError) {
        try refuse("header", "footer")
        try checkBody()
        _ = try action(["name"]).requiredChoice("name", of: ["send_location"])
    }

    func checkAddress() throws(FieldError) {
        try checkHeader()
        try checkBody()
        try checkFooter()
        let action = try action(["name", "parameters"])
        _ = try action.requiredChoice("name", of: ["address_message"])
        let parameters = try action.requiredReader(
            "parameters", allowed: ["country", "values", "saved_addresses", "validation_errors"])
        // Meta knows the form of an address in these countries only.
        _ = try parameters.requiredChoice("country", of: ["IN", "SG"])
        _ = try parameters.object("values")
        _ = try parameters.object("validation_errors")
        let saved = try parameters.readers("saved_addresses", count: 1...20, allowed: ["id", "value"]) ?? []
        for address in saved {
            _ = try address.requiredString("id", 1...256)
            _ = try address.requiredObject("value")
        }
    }

    func checkCallPermission() throws(FieldError) {
        try checkHeader()
        try checkBody(isRequired: false)
        try checkFooter()
        _ = try action(["name"]).requiredChoice("name", of: [kind.rawValue])
    }

    func checkVoiceCall() throws(FieldError) {
        try checkHeader()
        try checkBody()
        try checkFooter()
        let action = try action(["name", "parameters"])
        _ = try action.requiredChoice("name", of: [kind.rawValue])
        guard
            let parameters = try action.reader("parameters", allowed: ["display_text", "ttl_minutes", "payload"])
        else { return }
        _ = try parameters.string("display_text", 1...20)
        _ = try parameters.integer("ttl_minutes", 1...43200)
        _ = try parameters.string("payload", 1...512)
    }

    func checkContactRequest() throws(FieldError) {
        try checkHeader()
        try checkBody()
        try checkFooter()
        _ = try action(["name"]).requiredChoice("name", of: [kind.rawValue])
    }
}
