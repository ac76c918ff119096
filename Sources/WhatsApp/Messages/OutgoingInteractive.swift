import JSON

extension OutgoingContent {
    /// An interactive message as Meta writes it, `{type, header?, body?, footer?, action}`.
    package static func interactive(from value: JSON, path: String) throws(FieldError) -> OutgoingContent {
        let interactive = value.withoutNulls(except: InteractiveMessage.freeForm)
        try InteractiveMessage(interactive, path: path).check()
        return .interactive(interactive)
    }
}

/// One interactive message: its kind, and the parts that the kinds have in common.
struct InteractiveMessage {
    /// The kinds we know in detail; Meta has more, which are refused by name.
    enum Kind: String, CaseIterable {
        case button, list, flow, product, carousel
        case link = "cta_url"
        case products = "product_list"
        case catalog = "catalog_message"
        case locationRequest = "location_request_message"
        case address = "address_message"
        case callPermission = "call_permission_request"
        case voiceCall = "voice_call"
        case contactRequest = "request_contact_info"
    }

    /// Objects that the caller and the receiver of the answer agree on between them.
    static let freeForm: Set<String> = ["data", "values", "value", "validation_errors"]
    static let headerKinds = ["text", "image", "video", "document"]

    let kind: Kind
    let reader: FieldReader

    init(_ value: JSON, path: String) throws(FieldError) {
        let fields = ["type", "header", "body", "footer", "action"]
        let known = Kind.allCases.map(\.rawValue)
        let reader = try FieldReader(value, path: path, allowed: fields)
        guard let kind = Kind(rawValue: try reader.requiredChoice("type", of: known)) else {
            throw reader.error("type", "must be one of \(known.joined(separator: ", "))")
        }
        self.kind = kind
        self.reader = reader
    }

    func check() throws(FieldError) {
        switch kind {
        case .button: try checkButtons()
        case .list: try checkList()
        case .link: try checkLink()
        case .flow: try checkFlow()
        case .product: try checkProduct()
        case .products: try checkProducts()
        case .catalog: try checkCatalog()
        case .carousel: try checkCarousel()
        case .locationRequest: try checkLocationRequest()
        case .address: try checkAddress()
        case .callPermission: try checkCallPermission()
        case .voiceCall: try checkVoiceCall()
        case .contactRequest: try checkContactRequest()
        }
    }

    func action(_ allowed: [String]) throws(FieldError) -> FieldReader {
        try reader.requiredReader("action", allowed: allowed)
    }

    func checkHeader(_ kinds: [String] = headerKinds, isRequired: Bool = false) throws(FieldError) {
        if isRequired, !reader.has("header") { throw reader.error("header", "is required") }
        try Self.checkHeader(of: reader, kinds)
    }

    static func checkHeader(of reader: FieldReader, _ kinds: [String]) throws(FieldError) {
        guard let header = try reader.reader("header", allowed: ["type"] + headerKinds) else { return }
        let kind = try header.requiredChoice("type", of: kinds)
        for other in headerKinds where other != kind {
            try header.refuse(other, "doesn't go with the type \(kind)")
        }
        switch kind {
        case "text": _ = try header.requiredString("text", 1...60)
        case "document":
            let document = try header.requiredReader(kind, allowed: ["id", "link", "filename"])
            try document.checkMediaSource()
            _ = try document.string("filename", 1...OutgoingMedia.fileNameLimit)
        default: try header.requiredReader(kind, allowed: ["id", "link"]).checkMediaSource()
        }
    }

    func checkBody(_ length: ClosedRange<Int> = 1...1024, isRequired: Bool = true) throws(FieldError) {
        guard let body = try reader.reader("body", allowed: ["text"]) else {
            if isRequired { throw reader.error("body", "is required") }
            return
        }
        _ = try body.requiredString("text", length)
    }

    func checkFooter() throws(FieldError) {
        if let footer = try reader.reader("footer", allowed: ["text"]) { _ = try footer.requiredString("text", 1...60) }
    }

    func refuse(_ keys: String...) throws(FieldError) {
        for key in keys { try reader.refuse(key, "isn't possible in a message of the type \(kind.rawValue)") }
    }
}
