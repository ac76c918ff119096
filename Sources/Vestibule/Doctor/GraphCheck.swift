import Fetch
import Foundation
import Gateway
import JSON
import WhatsApp

/// Whether Meta takes the credentials and sends webhooks here, and whether the clocks agree.
struct GraphCheck: Sendable {
    private static let clockTolerance = 60

    let settings: Settings
    let fetch: FetchClient

    func findings() async -> [Finding] {
        guard let account = settings.gateway.account else {
            return [
                .warn(
                    "whatsapp", "no account is set",
                    mend: "set WHATSAPP_PHONE_NUMBER_ID and WHATSAPP_ACCESS_TOKEN, or try `vestibule serve --simulate`")
            ]
        }
        guard let token = account.accessToken else {
            return [.warn("whatsapp", "there is no token: nothing can be sent", mend: "set WHATSAPP_ACCESS_TOKEN")]
        }
        let graph = GraphClient(
            fetch: fetch, origin: settings.gateway.graphURL, version: settings.gateway.apiVersion)
        return [
            await number(graph, account, token), await subscription(graph, account, token), await clock(),
        ]
    }

    private func number(_ graph: GraphClient, _ account: DefaultAccount, _ token: Secret) async -> Finding {
        do {
            let details = try await graph.phoneNumber(id: account.phoneNumberID, token: token)
            let number = details["display_phone_number"]?.string ?? account.phoneNumberID
            let name = details["verified_name"]?.string.map { " (\($0))" } ?? ""
            let quality = details["quality_rating"]?.string.map { ", quality \($0)" } ?? ""
            return .ok("whatsapp", "\(number)\(name)\(quality)")
        } catch {
            return .fail(
                "whatsapp", "Meta refuses the number's details: \(error.summary)",
                mend:
                    "check WHATSAPP_ACCESS_TOKEN and WHATSAPP_PHONE_NUMBER_ID; make a token of a system user that lasts"
            )
        }
    }

    private func subscription(_ graph: GraphClient, _ account: DefaultAccount, _ token: Secret) async -> Finding {
        guard let businessAccountID = account.businessAccountID else {
            return .warn(
                "webhooks", "whether Meta sends webhooks can't be told",
                mend: "set WHATSAPP_BUSINESS_ACCOUNT_ID")
        }
        do {
            let apps = try await graph.subscribedApps(businessAccountID: businessAccountID, token: token)
            return apps.isEmpty
                ? .fail(
                    "webhooks", "no app is subscribed to the business account, so no message arrives",
                    mend:
                        "POST /\(businessAccountID)/subscribed_apps with the token, and set the webhook URL in the app")
                : .ok("webhooks", "\(apps.count == 1 ? "one app is" : "\(apps.count) apps are") subscribed")
        } catch {
            return .fail(
                "webhooks", "Meta refuses the subscriptions: \(error.summary)",
                mend: "check WHATSAPP_BUSINESS_ACCOUNT_ID; the token needs whatsapp_business_management")
        }
    }

    /// Signed and expiring things fail in odd ways when clocks differ.
    private func clock() async -> Finding {
        var request = FetchRequest(method: "GET", url: settings.gateway.graphURL + "/")
        request.timeout = .seconds(10)
        let response: FetchResponse
        do {
            response = try await fetch.send(request)
        } catch {
            return .fail(
                "clock", "\(settings.gateway.graphURL) can't be reached: \(error)",
                mend: "check the network and WHATSAPP_GRAPH_URL")
        }
        guard let theirs = response.headers.first("Date").flatMap(HTTPDate.seconds) else {
            return .warn("clock", "Meta's clock can't be read", mend: "check this machine's clock by other means")
        }
        let difference = Int(Date().timeIntervalSince1970) - theirs
        return abs(difference) > Self.clockTolerance
            ? .warn(
                "clock", "this machine's clock is \(difference) s off Meta's", mend: "run a time service such as chrony"
            )
            : .ok("clock", "within \(max(1, abs(difference))) s of Meta's")
    }
}
