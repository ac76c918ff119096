import JSON

/// The parameters of one template component.
enum TemplateParameters {
    /// Objects that the caller and the receiver of a flow agree on between them.
    static let freeForm: Set<String> = ["flow_action_data"]

    enum Place {
        case header
        case body(limit: Int)
        case quickReply, url, copyCode, flow, catalog, products, voiceCall
        case limitedTimeOffer, tapTarget

        /// Button kinds that take something at send time, and how many parameters each takes.
        static let buttons: [(subType: String, place: Place, count: ClosedRange<Int>)] = [
            ("quick_reply", .quickReply, 1...1), ("url", .url, 1...1), ("copy_code", .copyCode, 1...1),
            ("flow", .flow, 0...1), ("catalog", .catalog, 0...1), ("mpm", .products, 1...1),
            ("voice_call", .voiceCall, 0...2),
        ]

        var types: [String] {
            switch self {
            case .header: ["text", "image", "video", "gif", "document", "location", "product"]
            case .body: ["text", "currency", "date_time"]
            case .quickReply: ["payload"]
            case .url: ["text"]
            case .copyCode: ["coupon_code"]
            case .flow, .catalog, .products: ["action"]
            case .voiceCall: ["ttl_minutes", "payload"]
            case .limitedTimeOffer: ["limited_time_offer"]
            case .tapTarget: ["tap_target_configuration"]
            }
        }

        /// Only what the template's text takes can be named.
        var takesNames: Bool {
            switch self {
            case .header, .body: true
            default: false
            }
        }

        var textLimit: Int {
            switch self {
            case .header: 60
            case .body(let limit): limit
            default: 2000
            }
        }
    }

    static func check(_ component: FieldReader, _ place: Place, count: ClosedRange<Int>) throws(FieldError) {
        let allowed = ["type"] + place.types + (place.takesNames ? ["parameter_name"] : [])
        let given = try component.readers("parameters", count: count, allowed: allowed)
        guard let parameters = given ?? (count.contains(0) ? [] : nil) else {
            throw component.error("parameters", "is required; leave out a component without variables")
        }
        for parameter in parameters {
            let type = try parameter.requiredChoice("type", of: place.types)
            for other in place.types where other != type {
                try parameter.refuse(other, "doesn't go with the type \(type)")
            }
            _ = try parameter.string("parameter_name", 1...512)
            try check(parameter, type, place)
        }
    }

    private static func check(_ parameter: FieldReader, _ type: String, _ place: Place) throws(FieldError) {
        switch type {
        case "text": _ = try parameter.requiredString("text", 1...place.textLimit)
        case "payload": _ = try parameter.requiredString("payload", 1...128)
        case "coupon_code": _ = try parameter.requiredString("coupon_code", 1...20)
        case "ttl_minutes": _ = try parameter.requiredInteger("ttl_minutes", 1...43200)
        case "image", "video", "gif": try parameter.requiredReader(type, allowed: ["id", "link"]).checkMediaSource()
        case "document":
            let document = try parameter.requiredReader(type, allowed: ["id", "link", "filename"])
            try document.checkMediaSource()
            _ = try document.string("filename", 1...OutgoingMedia.fileNameLimit)
        case "location":
            _ = try OutgoingContent.location(from: try parameter.requiredObject(type), path: parameter.fieldPath(type))
        case "product":
            let product = try parameter.requiredReader(type, allowed: ["product_retailer_id", "catalog_id"])
            try ProductFields.checkProduct(product)
        case "currency", "date_time": try checkFallback(parameter, type)
        case "action": try checkAction(parameter, place)
        case "limited_time_offer":
            let offer = try parameter.requiredReader(type, allowed: ["expiration_time_ms"])
            _ = try offer.requiredInteger("expiration_time_ms", 0...253_402_300_799_999)
        default:
            for target in try parameter.requiredReaders(type, count: 1...1, allowed: ["url", "title"]) {
                _ = try target.requiredWebAddress("url")
                _ = try target.requiredString("title", 1...60)
            }
        }
    }

    /// Both kinds show their fallback today; the parts of a date are taken and ignored by Meta.
    private static func checkFallback(_ parameter: FieldReader, _ type: String) throws(FieldError) {
        if type == "currency" {
            let currency = try parameter.requiredReader(type, allowed: ["fallback_value", "code", "amount_1000"])
            _ = try currency.requiredString("fallback_value", 1...1024)
            _ = try currency.requiredString("code", 3...3)
            _ = try currency.requiredInteger("amount_1000")
            return
        }
        let parts = ["day_of_week", "year", "month", "day_of_month", "hour", "minute", "calendar"]
        let date = try parameter.requiredReader(type, allowed: ["fallback_value"] + parts)
        _ = try date.requiredString("fallback_value", 1...1024)
    }

    private static func checkAction(_ parameter: FieldReader, _ place: Place) throws(FieldError) {
        switch place {
        case .flow:
            let action = try parameter.requiredReader("action", allowed: ["flow_token", "flow_action_data"])
            _ = try action.string("flow_token", 1...1024)
            _ = try action.object("flow_action_data")
        case .products:
            let action = try parameter.requiredReader(
                "action", allowed: ["thumbnail_product_retailer_id", "sections"])
            try ProductFields.checkThumbnail(action)
            try ProductFields.checkSections(action)
        default:
            let action = try parameter.requiredReader("action", allowed: ["thumbnail_product_retailer_id"])
            try ProductFields.checkThumbnail(action)
        }
    }
}
