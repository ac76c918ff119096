import JSON

extension InteractiveMessage {
    func checkProduct() throws(FieldError) {
        try refuse("header")
        try checkBody(isRequired: false)
        try checkFooter()
        try ProductFields.checkProduct(try action(["catalog_id", "product_retailer_id"]))
    }

    func checkProducts() throws(FieldError) {
        try checkHeader(["text"], isRequired: true)
        try checkBody()
        try checkFooter()
        let action = try action(["catalog_id", "sections"])
        _ = try action.requiredString("catalog_id", 1...ProductFields.idLimit)
        try ProductFields.checkSections(action)
    }

    func checkCatalog() throws(FieldError) {
        try checkHeader()
        try checkBody()
        try checkFooter()
        let action = try action(["name", "parameters"])
        _ = try action.requiredChoice("name", of: ["catalog_message"])
        if let parameters = try action.reader("parameters", allowed: ["thumbnail_product_retailer_id"]) {
            try ProductFields.checkThumbnail(parameters)
        }
    }
}

/// What product messages and product templates have in common.
enum ProductFields {
    static let idLimit = 256
    private static let maxProducts = 30

    static func checkProduct(_ product: FieldReader) throws(FieldError) {
        _ = try product.requiredString("catalog_id", 1...idLimit)
        _ = try product.requiredString("product_retailer_id", 1...idLimit)
    }

    static func checkThumbnail(_ reader: FieldReader) throws(FieldError) {
        _ = try reader.string("thumbnail_product_retailer_id", 1...idLimit)
    }

    /// At most 10 sections with 30 products in all.
    static func checkSections(_ action: FieldReader) throws(FieldError) {
        let sections = try action.requiredReaders("sections", count: 1...10, allowed: ["title", "product_items"])
        var count = 0
        for section in sections {
            try InteractiveMessage.checkTitle(of: section, among: sections.count)
            let allowed = ["product_retailer_id"]
            let products = try section.requiredReaders("product_items", count: 1...maxProducts, allowed: allowed)
            for product in products { _ = try product.requiredString("product_retailer_id", 1...idLimit) }
            count += products.count
        }
        guard count <= maxProducts else {
            throw action.error("sections", "must have at most \(maxProducts) products in all, not \(count)")
        }
    }
}
