import JSON

/// The Graph API: `/{version}/…` or without a version, for one business account with one number.
struct GraphAPI: Sendable {
    let core: SimulatorCore

    /// Checks the token, lets a fault have its way, and answers from the node that the path names.
    func answer(_ call: Call) async -> Answer {
        var segments = call.segments[...]
        if let version = segments.first, isVersion(version) {
            segments.removeFirst()
            if Int(version.dropFirst().prefix { $0 != "." }) ?? 0 > 50 {
                var error = GraphError(code: 2500, title: "Unknown path components: /\(version)")
                error.bare = true
                return .reply(error.reply)
            }
        }
        let path = Array(segments)
        let subject = FaultSubject(call: call, path: path)
        return await core.faults.apply(to: subject, special: SpecialNumber(subject.to)) {
            do throws(GraphError) {
                try authorise(call)
                return try await route(call, path)
            } catch {
                return error.reply
            }
        }
    }

    private func isVersion(_ segment: String) -> Bool {
        let parts = segment.split(separator: ".")
        return segment.hasPrefix("v") && parts.count == 2 && Int(parts[0].dropFirst()) != nil && Int(parts[1]) != nil
    }

    private func authorise(_ call: Call) throws(GraphError) {
        guard let token = call.bearer, !token.isEmpty else { throw .noToken }
        guard token == core.settings.accessToken else { throw .badToken }
    }

    private func route(_ call: Call, _ path: [String]) async throws(GraphError) -> Reply {
        let settings = core.settings
        let account = AccountNodes(core: core)
        switch (call.method, path.first ?? "", path.dropFirst().first) {
        case ("POST", settings.phoneNumberID, "messages"):
            return try MessagesNode(core: core).post(call)
        case ("POST", settings.phoneNumberID, "media"):
            return try await MediaNode(core: core).upload(call)
        case ("GET", settings.phoneNumberID, nil):
            return account.phoneNumber(call)
        case ("GET", settings.phoneNumberID, "whatsapp_business_profile"):
            return account.profile()
        case ("POST", settings.phoneNumberID, "whatsapp_business_profile"):
            return try account.setProfile(call)
        case ("POST", settings.phoneNumberID, "register"), ("POST", settings.phoneNumberID, "deregister"):
            return .json(["success": true])
        case ("GET", settings.businessAccountID, nil):
            return account.businessAccount()
        case ("GET", settings.businessAccountID, "phone_numbers"):
            return account.phoneNumbers(call)
        case ("GET", settings.businessAccountID, "message_templates"):
            return account.templates(call)
        case (_, settings.businessAccountID, "subscribed_apps"):
            return try await account.subscribedApps(call)
        case ("GET", "debug_token", nil):
            return account.debugToken(call)
        case ("GET", let id, nil):
            return try await MediaNode(core: core).info(id, call)
        case ("DELETE", let id, nil):
            return try await MediaNode(core: core).delete(id)
        case (let method, let id, _):
            throw .noSuchObject(id, method: method)
        }
    }
}
