import JSON

/// The number, the business account, its templates and its subscription.
struct AccountNodes: Sendable {
    let core: SimulatorCore

    private var settings: SimulatorSettings { core.settings }

    // MARK: Number

    func phoneNumber(_ call: Call) -> Reply {
        let usual = [
            "verified_name", "code_verification_status", "display_phone_number", "quality_rating", "platform_type",
            "throughput", "webhook_configuration", "id",
        ]
        return .json(number(fields: fields(of: call) ?? usual))
    }

    func phoneNumbers(_ call: Call) -> Reply {
        let usual = [
            "verified_name", "code_verification_status", "display_phone_number", "quality_rating", "platform_type",
            "throughput", "last_onboarded_time", "id",
        ]
        return .json([
            "data": [number(fields: fields(of: call) ?? usual)],
            "paging": ["cursors": ["before": "QVFIUa", "after": "QVFIUb"]],
        ])
    }

    private func number(fields: [String]) -> JSON {
        let webhook: JSON = core.delivery.url.map { ["application": .string($0)] } ?? [:]
        let all: JSONObject = [
            "id": .string(settings.phoneNumberID),
            "display_phone_number": .string(formatted(settings.displayPhoneNumber)),
            "verified_name": .string(settings.businessName),
            "quality_rating": "GREEN",
            "code_verification_status": "VERIFIED",
            "name_status": "APPROVED",
            "status": "CONNECTED",
            "platform_type": "CLOUD_API",
            "throughput": ["level": "STANDARD"],
            "account_mode": "LIVE",
            "is_official_business_account": false,
            "is_pin_enabled": true,
            "is_on_biz_app": false,
            "last_onboarded_time": "2026-05-01T08:00:00+0000",
            "whatsapp_business_manager_messaging_limit": "TIER_2K",
            "webhook_configuration": webhook,
            "health_status": [
                "can_send_message": "AVAILABLE",
                "entities": [
                    [
                        "entity_type": "PHONE_NUMBER", "id": .string(settings.phoneNumberID),
                        "can_send_message": "AVAILABLE",
                    ]
                ],
            ],
        ]
        return pick(fields + ["id"], from: all)
    }

    /// `+1 555-020-0001` for North America, plus and digits elsewhere.
    private func formatted(_ digits: String) -> String {
        guard digits.hasPrefix("1"), digits.utf8.count == 11 else { return "+" + digits }
        let parts = Array(digits)
        return "+1 \(String(parts[1...3]))-\(String(parts[4...6]))-\(String(parts[7...10]))"
    }

    func profile() -> Reply {
        let profile = core.profile.withLock { $0 }
        return .json(["data": [.object(JSONObject([("messaging_product", "whatsapp")] + profile.map { ($0, $1) }))]])
    }

    func setProfile(_ call: Call) throws(GraphError) -> Reply {
        // The reason doesn't matter: Meta says no more than this either.
        guard let body = (try? JSON(parsing: call.body))?.object else {
            throw .invalid("The body must be a JSON object.")
        }
        guard body["messaging_product"]?.string == "whatsapp" else {
            throw GraphError(code: 100, title: "The parameter messaging_product is required.")
        }
        let limits = ["about": 139, "address": 256, "description": 512, "email": 128, "vertical": 64]
        for (key, limit) in limits {
            guard let value = body[key], !value.isNull else { continue }
            guard let text = value.string, text.unicodeScalars.count <= limit else {
                throw .value("\(key) must be a string of at most \(limit) characters.")
            }
        }
        if let sites = body["websites"], !sites.isNull {
            guard let list = sites.array, list.count <= 2, list.allSatisfy({ $0.string != nil }) else {
                throw .value("websites must hold at most 2 addresses.")
            }
        }
        core.profile.withLock { profile in
            for key in Array(limits.keys) + ["websites"] where body[key] != nil { profile[key] = body[key] }
        }
        return .json(["success": true])
    }

    // MARK: Business account

    func businessAccount() -> Reply {
        .json([
            "id": .string(settings.businessAccountID), "name": .string(settings.businessName), "currency": "USD",
            "timezone_id": "1", "message_template_namespace": "00000000_0000_0000_0000_000000000101",
            "account_review_status": "APPROVED", "business_verification_status": "verified",
        ])
    }

    func templates(_ call: Call) -> Reply {
        var found = Template.all
        for (key, path) in [
            ("name", \Template.name), ("status", \.status), ("language", \.language), ("category", \.category),
        ] {
            if let wanted = call.query[key] { found.removeAll { $0[keyPath: path] != wanted } }
        }
        let limit = max(1, call.query["limit"].flatMap { Int($0) } ?? 25)
        let start = call.query["after"].flatMap { Int($0) } ?? 0
        let page = found.dropFirst(max(0, start)).prefix(limit)
        let fields = fields(of: call)
        let items = page.map { template -> JSON in
            guard let fields, let object = template.json.object else { return template.json }
            return pick(fields + ["id"], from: object)
        }
        var paging: JSONObject = [:]
        if !page.isEmpty {
            paging["cursors"] = ["before": .string(String(page.startIndex)), "after": .string(String(page.endIndex))]
            if page.endIndex < found.count {
                paging["next"] = .string(
                    "\(core.baseURL)/v25.0/\(settings.businessAccountID)/message_templates?limit=\(limit)"
                        + "&after=\(page.endIndex)")
            }
        }
        return .json(.fields(["data": .array(items), "paging": paging.isEmpty ? nil : .object(paging)]))
    }

    func subscribedApps(_ call: Call) async throws(GraphError) -> Reply {
        switch call.method {
        case "GET":
            guard core.delivery.isSubscribed else { return .json(["data": []]) }
            let app: JSON = [
                "link": .string("https://www.facebook.com/games/?app_id=\(settings.appID)"), "name": "Gateway",
                "id": .string(settings.appID),
            ]
            return .json([
                "data": [
                    .fields([
                        "whatsapp_business_api_data": app,
                        "override_callback_uri": .text(core.delivery.overrideURL),
                    ])
                ]
            ])
        case "POST":
            // An empty body takes an override away; a form instead of JSON is not supported here.
            let body = (try? JSON(parsing: call.body)) ?? [:]
            if let url = body["override_callback_uri"]?.string {
                guard url.utf8.count <= 200 else {
                    throw .value("override_callback_uri is longer than 200 characters.")
                }
                let token = body["verify_token"]?.string ?? ""
                if let problem = await core.delivery.verify(url: url, token: token) {
                    throw GraphError(
                        code: 2200, title: "Callback verification failed with the following errors: \(problem)")
                }
                core.delivery.setOverride(url)
            } else {
                core.delivery.setOverride(nil)
            }
            core.delivery.setSubscribed(true)
            return .json(["success": true])
        case "DELETE":
            core.delivery.setSubscribed(false)
            return .json(["success": true])
        default:
            throw .noSuchObject(settings.businessAccountID, method: call.method)
        }
    }

    // MARK: Token

    func debugToken(_ call: Call) -> Reply {
        let valid = call.query["input_token"] == settings.accessToken
        let scopes: [JSON] = ["whatsapp_business_management", "whatsapp_business_messaging"]
        guard valid else {
            return .json([
                "data": [
                    "error": ["code": 190, "message": "Invalid OAuth access token - Cannot parse access token"],
                    "is_valid": false, "scopes": [],
                ]
            ])
        }
        let granular = scopes.map { scope -> JSON in
            ["scope": scope, "target_ids": [.string(settings.businessAccountID)]]
        }
        return .json([
            "data": [
                "app_id": .string(settings.appID), "type": "SYSTEM_USER", "application": "Gateway",
                "data_access_expires_at": 0, "expires_at": 0, "is_valid": true, "issued_at": 1_784_913_600,
                "scopes": .array(scopes), "granular_scopes": .array(granular), "user_id": "140000000000101",
            ]
        ])
    }

    // MARK: Parts

    private func fields(of call: Call) -> [String]? {
        call.query["fields"]?.split(separator: ",").map { String($0.prefix { $0 != "{" }) }
    }

    private func pick(_ fields: [String], from object: JSONObject) -> JSON {
        var seen: Set<String> = []
        let names = fields.filter { seen.insert($0).inserted }
        return .object(JSONObject(names.compactMap { name in object[name].map { (name, $0) } }))
    }
}
