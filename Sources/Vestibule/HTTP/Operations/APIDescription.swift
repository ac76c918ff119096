/// The description of the API, compiled into the program.
enum APIDescription {
    static let yaml = String(decoding: PackageResources.openapi_yaml, as: UTF8.self)
}
