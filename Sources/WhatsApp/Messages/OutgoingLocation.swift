import JSON

extension OutgoingContent {
    /// - Parameter value: `{latitude, longitude, name?, address?}`; the coordinates as numbers or as text, in degrees.
    package static func location(from value: JSON, path: String) throws(FieldError) -> OutgoingContent {
        let reader = try FieldReader(value, path: path, allowed: ["latitude", "longitude", "name", "address"])
        return .location(
            latitude: try reader.requiredNumber("latitude", -90...90, allowText: true),
            longitude: try reader.requiredNumber("longitude", -180...180, allowText: true),
            name: try reader.text("name", upTo: 1000), address: try reader.text("address", upTo: 1000))
    }

    static func locationObject(latitude: Double, longitude: Double, name: String?, address: String?) -> JSON {
        var object: JSONObject = ["latitude": .number(latitude), "longitude": .number(longitude)]
        if let name { object["name"] = .string(name) }
        if let address { object["address"] = .string(address) }
        return .object(object)
    }
}
