/// What the messages become that a webhook is about, in the order in which it names them. Before it, each said “Before”.
let fixtureTargetTable: [(file: String, become: [String])] = [
    (
        "batch-messages-and-statuses",
        [
            "out text “Before” is read at: read"
        ]
    ),
    (
        "batch-mixed-25",
        [
            "out text “Before” is delivered at: sent, delivered",
            "out text “Before” is read at: sent, read",
            "out text “Before” is failed because “(#131047) Re-engagement message: More th…64”",
        ]
    ),
    (
        "batch-status-before-message",
        [
            "out text “Before” is delivered at: delivered"
        ]
    ),
    (
        "batch-statuses-1000",
        [
            "333 × out text “Before” is delivered at: delivered",
            "333 × out text “Before” is read at: read",
            "334 × out text “Before” at: sent",
        ]
    ),
    (
        "message-edit-image-caption",
        [
            "in image pending image/jpeg caption “Corrected caption” edited"
        ]
    ),
    (
        "message-edit-text",
        [
            "in text “I meant Thursday” edited"
        ]
    ),
    (
        "message-reaction-removed-absent",
        [
            "out text “Before”"
        ]
    ),
    (
        "message-reaction-removed-empty",
        [
            "out text “Before”"
        ]
    ),
    (
        "message-reaction-unknown-target",
        [
            "out text “Before” with ❤️ by +15550100001"
        ]
    ),
    (
        "message-reaction",
        [
            "out text “Before” with 👍🏽 by +15550100001"
        ]
    ),
    (
        "message-revoke",
        [
            "in text “Before” deleted"
        ]
    ),
    (
        "smb-message-echoes-edit",
        [
            "out text “Corrected on the phone” edited"
        ]
    ),
    (
        "smb-message-echoes-revoke",
        [
            "out text “Before” deleted"
        ]
    ),
    (
        "status-biz-opaque-callback-data",
        [
            "out text “Before” is delivered at: delivered"
        ]
    ),
    (
        "status-bsuid-and-phone",
        [
            "out text “Before” is delivered at: delivered"
        ]
    ),
    (
        "status-bsuid-empty-recipient-id",
        [
            "out text “Before” is read at: read"
        ]
    ),
    (
        "status-bsuid-only",
        [
            "out text “Before” is delivered at: delivered"
        ]
    ),
    (
        "status-contacts-wa-id-only",
        [
            "out text “Before” is failed because “(#131026) Message undeliverable: Message…55”"
        ]
    ),
    (
        "status-contacts-without-profile",
        [
            "out text “Before” at: sent"
        ]
    ),
    (
        "status-deleted",
        [
            "out text “Before”"
        ]
    ),
    (
        "status-delivered-after-failed",
        [
            "out text “Before” is delivered at: delivered"
        ]
    ),
    (
        "status-delivered-no-pricing",
        [
            "out text “Before” is delivered at: delivered"
        ]
    ),
    (
        "status-delivered-then-sent",
        [
            "out text “Before” is delivered at: sent, delivered"
        ]
    ),
    (
        "status-delivered",
        [
            "out text “Before” is delivered at: delivered"
        ]
    ),
    (
        "status-duplicate-in-payload",
        [
            "out text “Before” is delivered at: delivered"
        ]
    ),
    (
        "status-failed-130403",
        [
            "out text “Before” is failed because “(#130403) Business blocked the user: Thi…76”"
        ]
    ),
    (
        "status-failed-130429",
        [
            "out text “Before” is failed because “(#130429) Rate limit hit: Cloud API mess…72”"
        ]
    ),
    (
        "status-failed-130472",
        [
            "out text “Before” is failed because “(#130472) User's number is part of an ex…131”"
        ]
    ),
    (
        "status-failed-130497",
        [
            "out text “Before” is failed because “(#130497) Business account is restricted…142”"
        ]
    ),
    (
        "status-failed-131000",
        [
            "out text “Before” is failed because “(#131000) Something went wrong: Message …79”"
        ]
    ),
    (
        "status-failed-131016",
        [
            "out text “Before” is failed because “(#131016) Service unavailable: A service…68”"
        ]
    ),
    (
        "status-failed-131026",
        [
            "out text “Before” is failed because “(#131026) Message undeliverable: Message…55”"
        ]
    ),
    (
        "status-failed-131031",
        [
            "out text “Before” is failed because “(#131031) Business account locked: The a…63”"
        ]
    ),
    (
        "status-failed-131036",
        [
            "out text “Before” is failed because “(#131036) Message failed to be delivered…104”"
        ]
    ),
    (
        "status-failed-131037",
        [
            "out text “Before” is failed because “(#131037) Display name approval needed: …94”"
        ]
    ),
    (
        "status-failed-131042",
        [
            "out text “Before” is failed because “(#131042) Business eligibility payment i…138”"
        ]
    ),
    (
        "status-failed-131045",
        [
            "out text “Before” is failed because “(#131045) Incorrect certificate: Message…97”"
        ]
    ),
    (
        "status-failed-131047",
        [
            "out text “Before” is failed because “(#131047) Re-engagement message: Message…142”"
        ]
    ),
    (
        "status-failed-131048",
        [
            "out text “Before” is failed because “(#131048) Spam rate limit hit: Message f…141”"
        ]
    ),
    (
        "status-failed-131049",
        [
            "out text “Before” is failed because “(#131049) This message was not delivered…172”"
        ]
    ),
    (
        "status-failed-131050",
        [
            "out text “Before” is failed because “(#131050) User has stopped receiving mar…138”"
        ]
    ),
    (
        "status-failed-131051",
        [
            "out text “Before” is failed because “(#131051) Unsupported message type: Mess…76”"
        ]
    ),
    (
        "status-failed-131052",
        [
            "out text “Before” is failed because “(#131052) Media download error: Failed t…57”"
        ]
    ),
    (
        "status-failed-131053",
        [
            "out text “Before” is failed because “(#131053) Media upload error: Media uplo…160”"
        ]
    ),
    (
        "status-failed-131056",
        [
            "out text “Before” is failed because “(#131056) (Business Account, Consumer Ac…207”"
        ]
    ),
    (
        "status-failed-131062",
        [
            "out text “Before” is failed because “(#131062) Business-scoped user ID not su…126”"
        ]
    ),
    (
        "status-failed-132015",
        [
            "out text “Before” is failed because “(#132015) Template is paused: Template i…68”"
        ]
    ),
    (
        "status-failed-132016",
        [
            "out text “Before” is failed because “(#132016) Template is disabled: Template…72”"
        ]
    ),
    (
        "status-failed-135000",
        [
            "out text “Before” is failed because “(#135000) Generic user error: Message fa…109”"
        ]
    ),
    (
        "status-failed-137000",
        [
            "out text “Before” is failed because “(#137000) Identity key mismatch: The ide…86”"
        ]
    ),
    (
        "status-failed-after-sent",
        [
            "out text “Before” is failed because “(#131049) This message was not delivered…172” at: sent"
        ]
    ),
    (
        "status-failed-bsuid",
        [
            "out text “Before” is failed because “(#131026) Message undeliverable: Message…55”"
        ]
    ),
    (
        "status-failed-flat-details",
        [
            "out text “Before” is failed because “(#131026) Receiver is incapable of recei…57”"
        ]
    ),
    (
        "status-failed-no-errors",
        [
            "out text “Before” is failed because “WhatsApp reported a failure without a re…44”"
        ]
    ),
    (
        "status-failed-two-errors",
        [
            "out text “Before” is failed because “(#131053) Media upload error: First reas…43”"
        ]
    ),
    (
        "status-failed-unknown-code",
        [
            "out text “Before” is failed because “(#139999) A code of the future: Not in a…53”"
        ]
    ),
    (
        "status-group-delivered-aggregate",
        [
            "out text “Before” is delivered at: delivered"
        ]
    ),
    (
        "status-group-failed",
        [
            "out text “Before” is failed because “(#131207) Group suspended: The group vio…64”"
        ]
    ),
    (
        "status-group-read-bsuid",
        [
            "out text “Before” is read at: read"
        ]
    ),
    (
        "status-group-read-participant-alias",
        [
            "out text “Before” is read at: read"
        ]
    ),
    (
        "status-group-sent",
        [
            "out text “Before” at: sent"
        ]
    ),
    (
        "status-identity-hash",
        [
            "out text “Before” is delivered at: delivered"
        ]
    ),
    (
        "status-parent-bsuid-old-name",
        [
            "out text “Before” is delivered at: delivered"
        ]
    ),
    (
        "status-parent-bsuid",
        [
            "out text “Before” is delivered at: delivered"
        ]
    ),
    (
        "status-played",
        [
            "out text “Before” is played at: played"
        ]
    ),
    (
        "status-read-before-delivered",
        [
            "out text “Before” is read at: delivered, read"
        ]
    ),
    (
        "status-read-with-pricing",
        [
            "out text “Before” is read at: read"
        ]
    ),
    (
        "status-read",
        [
            "out text “Before” is read at: read"
        ]
    ),
    (
        "status-recipient-rewritten-ar",
        [
            "out text “Before” at: sent"
        ]
    ),
    (
        "status-recipient-rewritten-br",
        [
            "out text “Before” is delivered at: delivered"
        ]
    ),
    (
        "status-recipient-rewritten-mx",
        [
            "out text “Before” is delivered at: delivered"
        ]
    ),
    (
        "status-same-second",
        [
            "out text “Before” is read at: sent, delivered, read"
        ]
    ),
    (
        "status-sent-bare",
        [
            "out text “Before” at: sent"
        ]
    ),
    (
        "status-sent-conversation-cbp",
        [
            "out text “Before” at: sent"
        ]
    ),
    (
        "status-sent-conversation-pmp",
        [
            "out text “Before” at: sent"
        ]
    ),
    (
        "status-sent-free-entry-point",
        [
            "out text “Before” at: sent"
        ]
    ),
    (
        "status-sent-free-service",
        [
            "out text “Before” at: sent"
        ]
    ),
    (
        "status-sent-pricing-type-name",
        [
            "out text “Before” at: sent"
        ]
    ),
    (
        "status-sent-unknown-category",
        [
            "out text “Before” at: sent"
        ]
    ),
    (
        "status-sent",
        [
            "out text “Before” at: sent"
        ]
    ),
    (
        "status-unknown",
        [
            "out text “Before”"
        ]
    ),
    (
        "status-warning",
        [
            "out text “Before”"
        ]
    ),
]
