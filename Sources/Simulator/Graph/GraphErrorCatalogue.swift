/// Meta's errors by code: HTTP status of the answer, title and usual details.
enum GraphErrorCatalogue {
    struct Entry: Sendable {
        let status: Int
        let title: String
        let details: String?

        init(_ status: Int, _ title: String, _ details: String? = nil) {
            self.status = status
            self.title = title
            self.details = details
        }
    }

    static let entries: [Int: Entry] = [
        0: Entry(401, "AuthException", "The app user could not be authenticated."),
        1: Entry(400, "API Unknown", "Invalid request or possible server error."),
        2: Entry(503, "API Service", "Temporary due to downtime or due to being overloaded."),
        3: Entry(500, "API Method", "Capability or permissions issue."),
        4: Entry(400, "Application request limit reached"),
        10: Entry(403, "Permission Denied", "Permission is either not granted or has been removed."),
        17: Entry(400, "User request limit reached"),
        33: Entry(400, "Parameter value is not valid", "The business phone number has been deleted."),
        100: Entry(400, "Invalid parameter"),
        102: Entry(401, "Session key invalid or no longer valid"),
        104: Entry(400, "An access token is required to request this resource."),
        190: Entry(401, "Error validating access token: Session has expired."),
        200: Entry(403, "API Permission", "Permission is either not granted or has been removed."),
        341: Entry(400, "Application limit reached"),
        368: Entry(403, "Temporarily blocked for policies violations", "The account has been restricted or disabled."),
        613: Entry(400, "Calls to this api have exceeded the rate limit."),
        80007: Entry(400, "There have been too many calls to this WhatsApp Business account."),
        130403: Entry(403, "Business blocked the user", "This business has blocked the end user."),
        130429: Entry(400, "Rate limit hit", "Cloud API message throughput has been reached."),
        130472: Entry(
            400, "User's number is part of an experiment",
            "Failed to send message because this user's phone number is part of an experiment."),
        130497: Entry(
            403, "Business account is restricted from messaging users in this country.",
            "The account is restricted from messaging users in certain countries."),
        131000: Entry(500, "Something went wrong", "Message failed to send due to an unknown error."),
        131005: Entry(403, "Access denied", "Permission is either not granted or has been removed."),
        131008: Entry(400, "Required parameter is missing", "A required parameter is missing."),
        131009: Entry(400, "Parameter value is not valid", "Please check the parameters you have provided."),
        131016: Entry(500, "Service unavailable", "A service is temporarily unavailable."),
        131020: Entry(400, "Bad group", "Cannot send messages to single member groups."),
        131021: Entry(400, "Recipient cannot be sender", "Sender and recipient are the same."),
        131026: Entry(400, "Message undeliverable", "Message undeliverable."),
        131030: Entry(
            400, "Recipient phone number not in allowed list",
            "Recipient phone number not in allowed list: add it and try again."),
        131031: Entry(403, "Account has been locked", "The account has been locked."),
        131036: Entry(400, "Message could not be resent", "The message could not be resent to the main device."),
        131037: Entry(
            400, "WhatsApp provided number needs display name approval before message can be sent.",
            "Display name has not been approved."),
        131041: Entry(400, "Group unknown", "The group was not found."),
        131042: Entry(400, "Business eligibility payment issue", "There were errors related to the payment method."),
        131044: Entry(
            400, "Business eligibility payment issue", "There were errors related to the payment method for calls."),
        131045: Entry(500, "Incorrect certificate", "Phone number registration error."),
        131047: Entry(400, "Re-engagement message", "More than 24 hours have passed since the recipient last replied."),
        131048: Entry(400, "Spam rate limit hit", "Too many previous messages were blocked or flagged as spam."),
        131049: Entry(
            400, "Meta chose not to deliver.",
            "In order to maintain a healthy ecosystem engagement, the message failed to be delivered."),
        131050: Entry(
            400, "User has stopped marketing messages from your business",
            "The recipient has chosen to stop marketing messages."),
        131051: Entry(400, "Unsupported message type", "Message type is not currently supported."),
        131052: Entry(400, "Media download error", "Unable to download the media."),
        131053: Entry(400, "Media upload error", "Unable to upload the media used in the message."),
        131055: Entry(400, "Method not allowed", "Only marketing template messages are supported"),
        131056: Entry(
            400, "(Business Account, Consumer Account) pair rate limit hit",
            "Too many messages sent to the same number in a short time."),
        131057: Entry(500, "Account in maintenance mode", "Business Account is in maintenance mode"),
        131059: Entry(400, "Invalid cursor", "The paging cursor is no longer valid."),
        131062: Entry(
            400, "Business-scoped User ID recipients are not supported",
            "This message cannot go to a business-scoped user ID."),
        131063: Entry(
            400, "Marketing templates disabled", "Marketing templates are disabled for this Cloud API configuration."),
        131064: Entry(400, "Messaging limit reached", "Limit reached due to template classification violations."),
        131207: Entry(403, "Group suspended", "The group violates platform policies."),
        131208: Entry(429, "Group rate limit hit", "Too many group operations."),
        132000: Entry(
            400, "Template Param Count Mismatch",
            "body: number of localizable_params does not match the expected number of params"),
        132001: Entry(404, "Template does not Exist", "template name does not exist in the translation"),
        132005: Entry(400, "Template Hydrated Text too long", "Translated text is too long."),
        132007: Entry(400, "Template Format Character Policy Violated", "Template content violates a policy."),
        132008: Entry(400, "Template param value invalid", "Parameter value invalid."),
        132012: Entry(
            400, "Template Parameter Format Mismatch", "Parameter format does not match the format in the template."),
        132015: Entry(400, "Template is Paused", "Template is paused due to low quality."),
        132016: Entry(400, "Template is Disabled", "Template is disabled."),
        132018: Entry(400, "Template validation error", "There's an issue with the parameters in your template."),
        132068: Entry(400, "Flow is blocked", "Flow is in blocked state."),
        132069: Entry(400, "Flow is throttled", "Flow is throttled and 10 messages were sent in the last hour."),
        133000: Entry(500, "Incomplete Deregistration", "An earlier deregistration failed."),
        133004: Entry(503, "Server Temporarily Unavailable", "Try again later."),
        133005: Entry(400, "Two step verification PIN Mismatch", "The PIN is incorrect."),
        133006: Entry(400, "Phone number re-verification needed", "Verify the number first."),
        133008: Entry(400, "Too Many 2FA PIN Guesses", "Try again after 3600 seconds."),
        133009: Entry(400, "2FA PIN Guessed Too Fast", "Try again after 60 seconds."),
        133010: Entry(400, "Phone number Not Registered", "Phone number does not exist on the platform."),
        133015: Entry(
            400, "Please wait a few minutes before attempting to register this phone number",
            "Deletion has not yet completed."),
        133016: Entry(400, "Account register/deregister rate limit exceeded", "Too many attempts."),
        134011: Entry(400, "WhatsApp Payments terms of service has not been accepted", "Terms are not accepted."),
        134100: Entry(
            400, "Only marketing messages supported", "You're only able to send marketing messages on this API."),
        134101: Entry(400, "Your template is still syncing", "Wait a few minutes and try again."),
        134102: Entry(500, "Template unavailable for use", "Check eligibility."),
        135000: Entry(400, "Generic user error", "Unknown error with the request parameters."),
        137000: Entry(400, "Recipient identity key mismatch", "The identity key hash did not match."),
        138006: Entry(400, "No approved call permission from the recipient", "No approved call permission."),
        139100: Entry(400, "Failed to block/unblock some users"),
        139101: Entry(400, "Block list limit reached"),
        139102: Entry(400, "Blocklist concurrent update"),
        139103: Entry(400, "Internal error"),
        2494100: Entry(400, "Account is in maintenance mode.", "Try again in a few minutes."),
        2593107: Entry(
            400, "Synchronization request limit exceeded", "Contacts and history can each be asked for once."),
        2593108: Entry(
            400, "Synchronization request made outside of allowed time window", "Only within 24 hours of onboarding."),
    ]
}
