/// A place on the map. Degrees: latitude -90 to 90, longitude -180 to 180.
package struct Location: Sendable, Hashable {
    package let latitude: Double
    package let longitude: Double
    package let name: String?
    package let address: String?
    package let url: String?

    package init(
        latitude: Double, longitude: Double, name: String? = nil, address: String? = nil, url: String? = nil
    ) {
        self.latitude = latitude
        self.longitude = longitude
        self.name = name
        self.address = address
        self.url = url
    }
}

extension MessageContent {
    static func location(in message: LooseObject) -> MessageContent {
        guard let location = message.object("location"),
            let latitude = location.number("latitude"), (-90...90).contains(latitude),
            let longitude = location.number("longitude"), (-180...180).contains(longitude)
        else { return .incomplete("location", in: message) }
        return .location(
            Location(
                latitude: latitude, longitude: longitude, name: location.text("name"),
                address: location.text("address"), url: location.text("url")))
    }
}
