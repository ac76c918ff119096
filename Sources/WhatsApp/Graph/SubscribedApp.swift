import JSON

/// An app that gets the webhooks of a business account.
package struct SubscribedApp: Sendable, Hashable {
    package let id: String
    package let name: String?
    /// Where this account's `messages` webhooks go instead of the app's own address.
    package let overrideCallbackURI: String?

    package init(id: String, name: String? = nil, overrideCallbackURI: String? = nil) {
        self.id = id
        self.name = name
        self.overrideCallbackURI = overrideCallbackURI
    }

    /// `data` is an array, or an object with the places as keys.
    static func list(_ reply: JSON) -> [SubscribedApp]? {
        guard let data = reply["data"] else { return nil }
        return (data.array ?? data.object?.values)?.compactMap(SubscribedApp.init)
    }

    private init?(_ item: JSON) {
        let app = item["whatsapp_business_api_data"]
        guard let id = app?["id"]?.string ?? app?["id"]?.int.map(String.init) else { return nil }
        self.init(id: id, name: app?["name"]?.string, overrideCallbackURI: item["override_callback_uri"]?.string)
    }
}
