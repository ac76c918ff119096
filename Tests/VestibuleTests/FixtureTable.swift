/// What each webhook of the fixtures becomes when it comes alone, in the words of `FixtureWords`. Nothing stands for a
/// raw event that is kept and changes no room: notices about the account, its templates, groups and calls, preferences,
/// address-book entries, errors of no message.
let fixtureTable: [(file: String, becomes: [String])] = [
    ("account-alerts", []),
    ("account-review-update-approved", []),
    ("account-review-update-rejected", []),
    ("account-update-auth-international", []),
    ("account-update-country", []),
    ("account-update-deleted", []),
    ("account-update-disabled", []),
    ("account-update-offboarded", []),
    ("account-update-partner-added", []),
    ("account-update-partner-app-uninstalled", []),
    ("account-update-partner-removed-disconnected", []),
    ("account-update-partner-removed", []),
    ("account-update-reconnected", []),
    ("account-update-reinstated", []),
    ("account-update-restriction", []),
    ("account-update-unknown-event", []),
    ("account-update-verified", []),
    ("account-update-violation", []),
    ("account-update-volume-tier", []),
    ("automatic-events-lead", []),
    ("automatic-events-purchase", []),
    (
        "batch-contacts-other-order",
        [
            "whatsapp_15550100001 “Alex Example”, 1 unread, window",
            "  in text “I am Alex”",
            "whatsapp_15550100002 “Robin Sample”, 1 unread, window",
            "  in text “I am Robin”",
        ]
    ),
    (
        "batch-duplicate-wamid-two-changes",
        [
            "whatsapp_15550100001 “Alex Example”, 1 unread, window",
            "  in text “Delivered twice in two changes”",
        ]
    ),
    (
        "batch-duplicate-wamid",
        [
            "whatsapp_15550100001 “Alex Example”, 1 unread, window",
            "  in text “Delivered twice”",
        ]
    ),
    ("batch-empty-changes", []),
    ("batch-empty-entry", []),
    ("batch-empty-messages", []),
    ("batch-empty-value", []),
    (
        "batch-entry-object",
        [
            "failed: `entry` is not an array"
        ]
    ),
    (
        "batch-messages-and-errors",
        [
            "whatsapp_15550100001 “Alex Example”, 1 unread, window",
            "  in text “Fine”",
        ]
    ),
    (
        "batch-messages-and-statuses",
        [
            "whatsapp_15550100001 “Alex Example”, 1 unread, window",
            "  in text “In one value”",
            "status read of …ERjkzQkQA",
        ]
    ),
    (
        "batch-mixed-25",
        [
            "unrouted: no account has the phone number id 200000000000203",
            "whatsapp_15550100001 “Alex Example”, 3 unread, window",
            "  in text “Line 0”",
            "  in text “Line 3”",
            "  in image pending image/jpeg",
            "whatsapp_15550100002 “Robin Sample”, 3 unread, window",
            "  in text “Line 1”",
            "  in text “Line 4”",
            "  in audio pending audio/ogg; codecs=opus voice",
            "whatsapp_15550100003 “Kim Placeholder”, 2 unread, window",
            "  in text “Line 2”",
            "  in text “Line 5”",
            "status sent of …yQ0NDMjQA utility",
            "status delivered of …yQ0NDMjQA",
            "status read of …xMjYzMjcA",
            "status sent of …xMjYzMjcA utility",
            "status failed of …ERjMxNDUA #131047",
        ]
    ),
    (
        "batch-one-broken-item",
        [
            "partial: a message that names no customer",
            "whatsapp_15550100001 “Alex Example”, 1 unread, window",
            "  in text “Good one beside a broken one”",
            "whatsapp_15550100002, 1 unread, window",
            "  in unsupported location because “its `location` is not as expected”",
        ]
    ),
    (
        "batch-one-contact-two-senders",
        [
            "whatsapp_15550100001 “Alex Example”, 1 unread, window",
            "  in text “I am Alex”",
            "whatsapp_15550100002, 1 unread, window",
            "  in text “I am nobody’s contact”",
        ]
    ),
    (
        "batch-other-object",
        [
            "partial: an update of another product, instagram"
        ]
    ),
    (
        "batch-out-of-order",
        [
            "whatsapp_15550100001 “Alex Example”, 3 unread, window",
            "  in text “two (newer)”",
            "  in text “one (older)”",
            "  in text “same second as one”",
        ]
    ),
    (
        "batch-status-before-echo",
        [
            "whatsapp_15550100001",
            "  out text “Typed on the phone” is read at: read",
            "status read of …BMjUyMDIA",
        ]
    ),
    (
        "batch-status-before-message",
        [
            "whatsapp_15550100001 “Alex Example”, 1 unread, window",
            "  in text “Got it, thanks” replies to …2MDJGNTMA",
            "status delivered of …2MDJGNTMA service",
        ]
    ),
    (
        "batch-statuses-1000",
        [
            "333 × status delivered",
            "333 × status read",
            "334 × status sent",
        ]
    ),
    (
        "batch-two-phone-numbers",
        [
            "unrouted: no account has the phone number id 200000000000102",
            "whatsapp_15550100001 “Alex Example”, 1 unread, window",
            "  in text “First business number”",
        ]
    ),
    (
        "batch-two-wabas",
        [
            "unrouted: no account has the phone number id 200000000000203",
            "whatsapp_15550100001 “Alex Example”, 1 unread, window",
            "  in text “WABA one”",
        ]
    ),
    (
        "batch-unknown-field",
        [
            "partial: an unknown field, field_of_tomorrow"
        ]
    ),
    ("business-capability-update-int", []),
    ("business-capability-update-tier", []),
    ("business-username-update", []),
    ("calls-connect-business-initiated", []),
    (
        "calls-connect-user-initiated",
        [
            "whatsapp_15550100001, window"
        ]
    ),
    ("calls-status-rejected", []),
    ("calls-status-ringing", []),
    ("calls-terminate-completed", []),
    ("calls-terminate-failed", []),
    ("errors-value-130429", []),
    ("errors-value-131035", []),
    ("group-join-request-created", []),
    ("group-join-request-revoked", []),
    ("group-lifecycle-create-failed", []),
    ("group-lifecycle-create", []),
    ("group-lifecycle-delete", []),
    ("group-participants-add", []),
    ("group-participants-bsuid", []),
    ("group-participants-left", []),
    ("group-participants-remove-partial", []),
    ("group-settings-update", []),
    ("group-status-suspend-cleared", []),
    ("group-status-suspend", []),
    (
        "history-chunk",
        [
            "whatsapp_15550100001",
            "  out text “Here is what you asked for” is read",
            "  out unsupported media_placeholder because “the media of an old message, which may f…45” is played",
            "  in text “Thanks!” is read",
            "whatsapp_15550100002",
            "  out text “Your order has shipped” is delivered",
        ]
    ),
    ("history-declined-2593109", []),
    ("history-empty-threads", []),
    (
        "history-last-chunk",
        [
            "whatsapp_15550100003",
            "  in text “180 days ago” is read",
        ]
    ),
    (
        "history-media-follow-up-echo",
        [
            "whatsapp_15550100001 user US.10000000000000000101",
            "  out video pending video/mp4",
        ]
    ),
    (
        "history-media-follow-up",
        [
            "whatsapp_15550100001",
            "  in image pending image/jpeg caption “From last week”",
        ]
    ),
    (
        "history-media-without-id",
        [
            "whatsapp_15550100001",
            "  out image rejected because “WhatsApp named no media id” image/jpeg caption “Old picture”",
            "  in text “No history_context”",
        ]
    ),
    (
        "history-not-an-array",
        [
            "partial: `history` is not an array"
        ]
    ),
    (
        "message-audio-file",
        [
            "whatsapp_15550100001 “Alex Example”, 1 unread, window",
            "  in audio pending audio/mpeg",
        ]
    ),
    (
        "message-audio-voice-absent",
        [
            "whatsapp_15550100001 “Alex Example”, 1 unread, window",
            "  in audio pending audio/aac",
        ]
    ),
    (
        "message-audio-voice",
        [
            "whatsapp_15550100001 “Alex Example”, 1 unread, window",
            "  in audio pending audio/ogg; codecs=opus voice",
        ]
    ),
    (
        "message-button-no-context",
        [
            "whatsapp_15550100001 “Alex Example”, 1 unread, window",
            "  in button “Stop” payload “Stop”",
        ]
    ),
    (
        "message-button",
        [
            "whatsapp_15550100001 “Alex Example”, 1 unread, window",
            "  in button “Stop” payload “optout-eu” replies to …yMzk1NjMA",
        ]
    ),
    (
        "message-contacts-origin-on-message",
        [
            "whatsapp_US_10000000000000000102 “Robin Sample” @robin.sample user US.10000000000000000102, 1 unread, window",
            "  in contacts [nameless 15550100002 origin contact_request] user US.10000000000000000102",
        ]
    ),
    (
        "message-contacts-request-info-reply",
        [
            "whatsapp_US_10000000000000000102 “Robin Sample” @robin.sample user US.10000000000000000102, 1 unread, window",
            "  in contacts [nameless +15550100002 origin contact_request] user US.10000000000000000102 replies to …GNjBDMTUA",
        ]
    ),
    (
        "message-contacts-two",
        [
            "whatsapp_15550100001 “Alex Example”, 1 unread, window",
            "  in contacts [Kim Placeholder +15550100003] [No Phone]",
        ]
    ),
    (
        "message-contacts-vcard",
        [
            "whatsapp_15550100001 “Alex Example”, 1 unread, window",
            "  in contacts [Robin Sample +1 555 010 0002 origin other]",
        ]
    ),
    (
        "message-contacts",
        [
            "whatsapp_15550100001 “Alex Example”, 1 unread, window",
            "  in contacts [Dr. Sam T. Example Jr. +1 555-010-0042 +1 555-010-0043]",
        ]
    ),
    (
        "message-display-number-formatted",
        [
            "whatsapp_15550100001 “Alex Example”, 1 unread, window",
            "  in text “Formatted display number”",
        ]
    ),
    (
        "message-document-hostile-filename",
        [
            "whatsapp_15550100001 “Alex Example”, 1 unread, window",
            "  in document pending text/html file “passwdfdp.exe”",
        ]
    ),
    (
        "message-document-no-filename",
        [
            "whatsapp_15550100001 “Alex Example”, 1 unread, window",
            "  in document pending application/octet-stream",
        ]
    ),
    (
        "message-document-odd-mime",
        [
            "whatsapp_15550100001 “Alex Example”, 1 unread, window",
            "  in document pending image/vnd.dwg file “plan.dwg”",
        ]
    ),
    (
        "message-document-unicode-filename",
        [
            "whatsapp_15550100001 “Alex Example”, 1 unread, window",
            "  in document pending application/vnd.openxmlformats-officedocument.wordprocessingml.document file “التقرير النهائي — 最終版 (1) 📄.docx”",
        ]
    ),
    (
        "message-document",
        [
            "whatsapp_15550100001 “Alex Example”, 1 unread, window",
            "  in document pending application/pdf caption “Invoice for May” file “invoice-2026-05.pdf”",
        ]
    ),
    (
        "message-echoes-field",
        [
            "whatsapp_15550100001",
            "  out text “Echo under the short field name”",
        ]
    ),
    (
        "message-edit-image-caption",
        [
            "edit of …hFOTNBNQA by +15550100001 caption “Corrected caption”"
        ]
    ),
    (
        "message-edit-text",
        [
            "edit of …hFOTNBNQA by +15550100001 text “I meant Thursday”"
        ]
    ),
    (
        "message-image-caption-1024",
        [
            "whatsapp_15550100001 “Alex Example”, 1 unread, window",
            "  in image pending image/png caption “caption caption caption caption caption …1024”",
        ]
    ),
    (
        "message-image-error-flat",
        [
            "whatsapp_15550100001 “Alex Example”, 1 unread, window",
            "  in image pending image/jpeg caption “Check this” #400",
        ]
    ),
    (
        "message-image-group",
        [
            "whatsapp_Y2FwaV9ncm91cDpGSVhUVVJFMDAwMQZD, 1 unread, window",
            "  in image pending image/jpeg from 15550100001 user US.10000000000000000101 by customer +15550100001 “Alex Example” in group Y2FwaV9ncm91cDpGSVhUVVJFMDAwMQZD",
        ]
    ),
    (
        "message-image-no-caption-no-url",
        [
            "whatsapp_15550100001 “Alex Example”, 1 unread, window",
            "  in image pending image/jpeg",
        ]
    ),
    (
        "message-image-webp",
        [
            "whatsapp_15550100001 “Alex Example”, 1 unread, window",
            "  in image pending image/webp",
        ]
    ),
    (
        "message-image-with-errors",
        [
            "whatsapp_15550100001 “Alex Example”, 1 unread, window",
            "  in unsupported image because “(#131052) Media download error: Failed t…77” #131052",
        ]
    ),
    (
        "message-image",
        [
            "whatsapp_15550100001 “Alex Example”, 1 unread, window",
            "  in image pending image/jpeg caption “Our kitchen”",
        ]
    ),
    (
        "message-interactive-button-reply",
        [
            "whatsapp_15550100001 “Alex Example”, 1 unread, window",
            "  in interactive “Confirm” button_reply confirm-7 “Confirm” replies to …BNkRDQzQA",
        ]
    ),
    (
        "message-interactive-call-permission-accept",
        [
            "whatsapp_15550100001 “Alex Example”, 1 unread, window",
            "  in interactive call_permission_reply data “{\"expiration_timestamp\":1785604800,\"is_permanent\":false,\"response\":\"accept\",\"response_source\":\"user_action\"}” replies to …2Qjk5ODUA",
        ]
    ),
    (
        "message-interactive-call-permission-reject",
        [
            "whatsapp_15550100001 “Alex Example”, 1 unread, window",
            "  in interactive call_permission_reply data “{\"response\":\"reject\",\"response_source\":\"user_action\"}” replies to …5MDJBNjAA",
        ]
    ),
    (
        "message-interactive-empty-value-errors",
        [
            "whatsapp_15550100001 “Alex Example”, 1 unread, window",
            "  in unsupported interactive because “its `interactive` is missing”",
        ]
    ),
    (
        "message-interactive-list-reply-no-description",
        [
            "whatsapp_15550100001 “Alex Example”, 1 unread, window",
            "  in interactive “10:00” list_reply slot-1000 “10:00” replies to …2Q0YyNzcA",
        ]
    ),
    (
        "message-interactive-list-reply",
        [
            "whatsapp_15550100001 “Alex Example”, 1 unread, window",
            "  in interactive “09:00” list_reply slot-0900 “09:00” “Morning, room 2” replies to …1OEU4NDQA",
        ]
    ),
    (
        "message-interactive-nfm-reply-address",
        [
            "whatsapp_15550100001 “Alex Example”, 1 unread, window",
            "  in interactive nfm_reply data “{\"body\":\"Alex Example\\n1 Example Street\",\"name\":\"address_message\",\"response\":{\"saved_address_id\":\"addr1\",\"values\":{\"address\":\"1 Example Street\",\"city\":\"Sampletown\",\"in_pin_code\":\"000000\",\"name\":\"Alex Example\",\"phone_number\":\"+15550100001\"}}}” replies to …5NzJDMUMA",
        ]
    ),
    (
        "message-interactive-nfm-reply-bad-json",
        [
            "whatsapp_15550100001 “Alex Example”, 1 unread, window",
            "  in interactive nfm_reply data “{\"body\":\"Sent\",\"name\":\"flow\",\"response_json\":\"{\\\"flow_token\\\":\\\"tok-0002\\\",\\\"note\\\":\\\"cut off\"}” replies to …CMUE4RkIA",
        ]
    ),
    (
        "message-interactive-nfm-reply-flow-no-token",
        [
            "whatsapp_15550100001 “Alex Example”, 1 unread, window",
            "  in interactive nfm_reply data “{\"body\":\"Sent\",\"name\":\"flow\",\"response\":{\"agree\":true,\"name\":\"Alex\"}}” replies to …EQzg1QUEA",
        ]
    ),
    (
        "message-interactive-nfm-reply-flow",
        [
            "whatsapp_15550100001 “Alex Example”, 1 unread, window",
            "  in interactive nfm_reply data “{\"body\":\"Sent\",\"name\":\"flow\",\"response\":{\"comment\":\"Très bien 👍\",\"flow_token\":\"tok-0001\",\"photos\":[{\"file_name\":\"p1.jpg\",\"id\":600000000000101,\"mime_type\":\"image/jpeg\",\"sha256\":\"OyEngXjtNGPzveOjXwiMr22Z/xsvZH2aDCuN5ZnsPcY=\"}],\"rating\":\"5\"}}” replies to …0NERDNTUA",
        ]
    ),
    (
        "message-interactive-unknown-subtype",
        [
            "whatsapp_15550100001 “Alex Example”, 1 unread, window",
            "  in unsupported future_reply because “an unknown kind of interactive answer” replies to …xMUJGRkMA",
        ]
    ),
    (
        "message-location-integers",
        [
            "whatsapp_15550100001 “Alex Example”, 1 unread, window",
            "  in location 0.0, -180.0",
        ]
    ),
    (
        "message-location-place",
        [
            "whatsapp_15550100001 “Alex Example”, 1 unread, window",
            "  in location 37.5, -122.25 “Example Coffee” at “1 Example Street, Sampletown”",
        ]
    ),
    (
        "message-location",
        [
            "whatsapp_15550100001 “Alex Example”, 1 unread, window",
            "  in location 12.345678901234, -98.765432109876",
        ]
    ),
    (
        "message-media-error-131052",
        [
            "whatsapp_15550100001 “Alex Example”, 1 unread, window",
            "  in unsupported because “(#131052) Media download error: Failed t…118” #131052",
        ]
    ),
    (
        "message-media-unknown-number",
        [
            "unrouted: no account has the phone number id 200000000000777"
        ]
    ),
    (
        "message-minimal-metadata",
        [
            "whatsapp_15550100001, 1 unread, window",
            "  in text “No display number”",
        ]
    ),
    (
        "message-null-optionals",
        [
            "whatsapp_15550100001, 1 unread, window",
            "  in image pending image/jpeg",
        ]
    ),
    (
        "message-numeric-scalars",
        [
            "whatsapp_15550100001 “Alex Example”, 1 unread, window",
            "  in text “Numbers where strings belong”",
        ]
    ),
    (
        "message-old-timestamp",
        [
            "whatsapp_15550100001 “Alex Example”, 1 unread, window",
            "  in text “Delivered late”",
        ]
    ),
    (
        "message-order-string-numbers",
        [
            "whatsapp_15550100001 “Alex Example”, 1 unread, window",
            "  in order [{\"currency\":\"EUR\",\"item_price\":\"30.00\",\"product_retailer_id\":\"sku-green-42\",\"quantity\":\"2\"}] replies to …0NTcxRTcA",
        ]
    ),
    (
        "message-order",
        [
            "whatsapp_15550100001 “Alex Example”, 1 unread, window",
            "  in order “Please gift-wrap” [{\"currency\":\"USD\",\"item_price\":30,\"product_retailer_id\":\"sku-green-42\",\"quantity\":2}] [{\"currency\":\"USD\",\"item_price\":19.99,\"product_retailer_id\":\"sku-red-7\",\"quantity\":1}]",
        ]
    ),
    (
        "message-reaction-removed-absent",
        [
            "reaction of …5MzZFMEMA by +15550100001"
        ]
    ),
    (
        "message-reaction-removed-empty",
        [
            "reaction of …5MzZFMEMA by +15550100001"
        ]
    ),
    (
        "message-reaction-unknown-target",
        [
            "reaction of …0Q0NCQTQA by +15550100001 emoji “❤️”"
        ]
    ),
    (
        "message-reaction",
        [
            "reaction of …5MzZFMEMA by +15550100001 emoji “👍🏽”"
        ]
    ),
    (
        "message-request-welcome",
        [
            "whatsapp_15550100001 “Alex Example”, 1 unread, window",
            "  in request_welcome",
        ]
    ),
    (
        "message-revoke",
        [
            "revoke of …hFOTNBNQA by +15550100001"
        ]
    ),
    (
        "message-sticker-animated",
        [
            "whatsapp_15550100001 “Alex Example”, 1 unread, window",
            "  in sticker pending image/webp animated",
        ]
    ),
    (
        "message-sticker-static",
        [
            "whatsapp_15550100001 “Alex Example”, 1 unread, window",
            "  in sticker pending image/webp",
        ]
    ),
    (
        "message-system-and-message-in-one-batch",
        [
            "whatsapp_US_10000000000000000101 “Alex Example” user US.10000000000000000191, 2 unread, window",
            "  in text “Written from the new id” user US.10000000000000000191",
            "  in system user_changed_user_id",
        ]
    ),
    (
        "message-system-customer-changed-number",
        [
            "whatsapp_15550100001 now 15550100091, 1 unread",
            "  in system “Alex Example changed from 15550100001 to…52” customer_changed_number",
        ]
    ),
    (
        "message-system-identity-changed",
        [
            "whatsapp_15550100001 “Alex Example”, 1 unread",
            "  in system “User identity changed” customer_identity_changed identity FIXTUREHASH01",
        ]
    ),
    (
        "message-system-unknown",
        [
            "whatsapp_15550100001, 1 unread",
            "  in system “Something new happened” future_system_event",
        ]
    ),
    (
        "message-system-user-changed-number-new-wa-id",
        [
            "whatsapp_15550100001 “Alex Example” now 15550100091, 1 unread",
            "  in system “Alex Example changed from 15550100001 to…52” user_changed_number",
        ]
    ),
    (
        "message-system-user-changed-number",
        [
            "whatsapp_15550100001 now 15550100091, 1 unread",
            "  in system “User Alex Example changed from 155501000…57” user_changed_number",
        ]
    ),
    (
        "message-system-user-changed-user-id-previous",
        [
            "whatsapp_US_10000000000000000101 user US.10000000000000000191, 1 unread",
            "  in system user_changed_user_id",
        ]
    ),
    (
        "message-system-user-changed-user-id",
        [
            "whatsapp_US_10000000000000000191 user US.10000000000000000191, 1 unread",
            "  in system “User Alex Example changed from US.100000…81” user_changed_user_id",
        ]
    ),
    (
        "message-text-4096-emoji",
        [
            "whatsapp_15550100001 “Alex Example”, 1 unread, window",
            "  in text “👩🏽‍🚀👩🏽‍🚀👩🏽‍🚀👩🏽‍🚀👩🏽‍🚀👩🏽‍🚀👩🏽‍🚀👩🏽‍🚀👩🏽‍🚀👩🏽‍🚀…2341”",
        ]
    ),
    (
        "message-text-4096",
        [
            "whatsapp_15550100001 “Alex Example”, 1 unread, window",
            "  in text “0123456789abcdef0123456789abcdef01234567…4096”",
        ]
    ),
    (
        "message-text-ascii-escaped",
        [
            "whatsapp_15550100001 “Alex Example”, 1 unread, window",
            "  in text “Zażółć gęślą jaźń 🚚 a/b <tag> & \"quote\" …57”",
        ]
    ),
    (
        "message-text-bsuid-and-phone",
        [
            "whatsapp_15550100001 “Alex Example” user US.10000000000000000101, 1 unread, window",
            "  in text “Hello with both ids” user US.10000000000000000101",
        ]
    ),
    (
        "message-text-bsuid-empty-strings",
        [
            "whatsapp_US_10000000000000000102 “Robin Sample” @robin.sample user US.10000000000000000102, 1 unread, window",
            "  in text “Hello, empty ids” user US.10000000000000000102",
        ]
    ),
    (
        "message-text-bsuid-only",
        [
            "whatsapp_US_10000000000000000102 “Robin Sample” @robin.sample user US.10000000000000000102, 1 unread, window",
            "  in text “Hello without a phone number” user US.10000000000000000102",
        ]
    ),
    (
        "message-text-contact-empty-name",
        [
            "whatsapp_15550100001, 1 unread, window",
            "  in text “Blank name”",
        ]
    ),
    (
        "message-text-contact-wa-id-differs",
        [
            "whatsapp_5511900000001 “Kim Placeholder”, 1 unread, window",
            "  in text “Ids differ”",
        ]
    ),
    (
        "message-text-contact-without-profile",
        [
            "whatsapp_15550100001, 1 unread, window",
            "  in text “No profile”",
        ]
    ),
    (
        "message-text-control-characters",
        [
            "whatsapp_15550100001 “Alex Example”, 1 unread, window",
            "  in text “nul:� bell:<7> esc:<27>[31m del:<127> end”",
        ]
    ),
    (
        "message-text-empty-body",
        [
            "whatsapp_15550100001 “Alex Example”, 1 unread, window",
            "  in text “”",
        ]
    ),
    (
        "message-text-empty-contacts",
        [
            "whatsapp_15550100001, 1 unread, window",
            "  in text “Empty contacts array”",
        ]
    ),
    (
        "message-text-forwarded",
        [
            "whatsapp_15550100001 “Alex Example”, 1 unread, window",
            "  in text “Look at this offer” forwarded",
        ]
    ),
    (
        "message-text-frequently-forwarded",
        [
            "whatsapp_15550100001 “Alex Example”, 1 unread, window",
            "  in text “Send this to ten friends” frequently forwarded",
        ]
    ),
    (
        "message-text-group",
        [
            "whatsapp_Y2FwaV9ncm91cDpGSVhUVVJFMDAwMQZD, 1 unread, window",
            "  in text “What does everybody think?” from 15550100001 by customer +15550100001 “Alex Example” in group Y2FwaV9ncm91cDpGSVhUVVJFMDAwMQZD",
        ]
    ),
    (
        "message-text-identity-hash",
        [
            "whatsapp_15550100001 “Alex Example”, 1 unread, window",
            "  in text “Hello”",
        ]
    ),
    (
        "message-text-multiline",
        [
            "whatsapp_15550100001 “Alex Example”, 1 unread, window",
            "  in text “*bold* _italic_ ~struck~ ```code```<13><10><10>> …85”",
        ]
    ),
    (
        "message-text-no-contacts",
        [
            "whatsapp_15550100001, 1 unread, window",
            "  in text “No contacts array here”",
        ]
    ),
    (
        "message-text-parent-bsuid",
        [
            "whatsapp_15550100001 “Alex Example” user US.10000000000000000101, 1 unread, window",
            "  in text “Hello from a parent id” user US.10000000000000000101",
        ]
    ),
    (
        "message-text-referral-ad-image",
        [
            "whatsapp_15550100001 “Alex Example”, 1 unread, window",
            "  in text “Tell me more” after ad 400000000000000101 click ARExampleClickIdentifier0001 “Chat with us”",
        ]
    ),
    (
        "message-text-referral-ad-video",
        [
            "whatsapp_15550100001 “Alex Example”, 1 unread, window",
            "  in text “Price?” after ad 400000000000000101 click ARExampleClickIdentifier0001 “Chat with us”",
        ]
    ),
    (
        "message-text-referral-no-clid",
        [
            "whatsapp_15550100001 “Alex Example”, 1 unread, window",
            "  in text “Saw this on Status” after ad 400000000000000101 “Chat with us”",
        ]
    ),
    (
        "message-text-referral-post-empty-strings",
        [
            "whatsapp_15550100001 “Alex Example”, 1 unread, window",
            "  in text “Hello” after post 400000000000000102 “”",
        ]
    ),
    (
        "message-text-referred-product",
        [
            "whatsapp_15550100001 “Alex Example”, 1 unread, window",
            "  in text “Is this one still in stock?” replies to …DQzFGOTcA about product sku-green-42",
        ]
    ),
    (
        "message-text-reply-context-from-phone-number-id",
        [
            "whatsapp_15550100001 “Alex Example”, 1 unread, window",
            "  in text “Quoting you” replies to …2QUVGM0IA",
        ]
    ),
    (
        "message-text-reply-to-own-message",
        [
            "whatsapp_15550100001 “Alex Example”, 1 unread, window",
            "  in text “Correcting what I wrote above” replies to …lDQTA2NQA",
        ]
    ),
    (
        "message-text-reply",
        [
            "whatsapp_15550100001 “Alex Example”, 1 unread, window",
            "  in text “Yes, that one please” replies to …CMzJBMzMA",
        ]
    ),
    (
        "message-text-test-sample",
        [
            "unrouted: no account has the phone number id 200000000000999"
        ]
    ),
    (
        "message-text-unicode",
        [
            "whatsapp_15550100001 “Ünïcödé 🦄 العربية”, 1 unread, window",
            "  in text “مرحبا 👋🏽 שלום — 你好, नमस्ते 👨‍👩‍👧‍👦 🏳️‍🌈 …65”",
        ]
    ),
    (
        "message-text",
        [
            "whatsapp_15550100001 “Alex Example”, 1 unread, window",
            "  in text “Do you have this in a smaller size?”",
        ]
    ),
    (
        "message-type-future",
        [
            "whatsapp_15550100001 “Alex Example”, 1 unread, window",
            "  in unsupported hologram because “an unknown kind of message”",
        ]
    ),
    (
        "message-type-missing",
        [
            "whatsapp_15550100001 “Alex Example”, 1 unread, window",
            "  in unsupported because “a message without a type”",
        ]
    ),
    (
        "message-type-unknown",
        [
            "whatsapp_15550100001 “Alex Example”, 1 unread, window",
            "  in unsupported because “(#131051) Unsupported message type: Mess…75” #131051",
        ]
    ),
    (
        "message-unknown-fields",
        [
            "whatsapp_15550100001 “Alex Example”, 1 unread, window",
            "  in text “Unknown fields everywhere”",
        ]
    ),
    (
        "message-unsupported-131051",
        [
            "whatsapp_15550100001 “Alex Example”, 1 unread, window",
            "  in unsupported because “(#131051) Message type unknown: Message …72” #131051",
        ]
    ),
    (
        "message-unsupported-131060",
        [
            "whatsapp_15550100001 “Alex Example”, 1 unread, window",
            "  in unsupported because “(#131060) This message is unavailable: T…118” #131060",
        ]
    ),
    (
        "message-unsupported-group-130501",
        [
            "whatsapp_Y2FwaV9ncm91cDpGSVhUVVJFMDAwMQZD, 1 unread, window",
            "  in unsupported because “(#130501) Unsupported message type: Mess…128” from 15550100001 by customer +15550100001 “Alex Example” in group Y2FwaV9ncm91cDpGSVhUVVJFMDAwMQZD #130501",
        ]
    ),
    (
        "message-unsupported-no-errors",
        [
            "whatsapp_15550100001 “Alex Example”, 1 unread, window",
            "  in unsupported because “WhatsApp could not pass this message on”",
        ]
    ),
    (
        "message-unsupported-with-type",
        [
            "whatsapp_15550100001 “Alex Example”, 1 unread, window",
            "  in unsupported poll_creation because “(#131051) Message type unknown: Message …72” #131051",
        ]
    ),
    (
        "message-video-no-caption",
        [
            "whatsapp_15550100001 “Alex Example”, 1 unread, window",
            "  in video pending video/3gpp",
        ]
    ),
    (
        "message-video",
        [
            "whatsapp_15550100001 “Alex Example”, 1 unread, window",
            "  in video pending video/mp4 caption “Thirty days of growth”",
        ]
    ),
    (
        "message-without-id",
        [
            "whatsapp_15550100001 “Alex Example”, 1 unread, window",
            "  in text “No message id” without id",
        ]
    ),
    ("partner-solutions", []),
    ("payment-configuration-update", []),
    ("phone-number-name-update-approved", []),
    ("phone-number-name-update-rejected", []),
    ("phone-number-quality-update-no-limits", []),
    ("phone-number-quality-update-onboarding", []),
    ("phone-number-quality-update-throughput", []),
    ("phone-number-quality-update-upgrade", []),
    ("security-pin-changed", []),
    ("security-pin-reset-request", []),
    ("smb-app-state-sync-add", []),
    ("smb-app-state-sync-remove", []),
    (
        "smb-message-echoes-bsuid",
        [
            "whatsapp_15550100001 “Alex Example” user US.10000000000000000101",
            "  out text “Hello again”",
        ]
    ),
    (
        "smb-message-echoes-edit",
        [
            "edit of …BRDFBOTQA by business text “Corrected on the phone”"
        ]
    ),
    (
        "smb-message-echoes-image",
        [
            "whatsapp_15550100001",
            "  out image pending image/jpeg caption “New stock”",
        ]
    ),
    (
        "smb-message-echoes-revoke",
        [
            "revoke of …4QjM3QUMA by business"
        ]
    ),
    (
        "smb-message-echoes-text",
        [
            "whatsapp_15550100001",
            "  out text “Sent from our phone”",
        ]
    ),
    (
        "status-biz-opaque-callback-data",
        [
            "status delivered of …BODZFQTMA utility callback “job=42;tenant=acme;🦊”"
        ]
    ),
    (
        "status-bsuid-and-phone",
        [
            "status delivered of …0NUIwQTIA utility"
        ]
    ),
    (
        "status-bsuid-empty-recipient-id",
        [
            "status read of …GMTUyMjEA"
        ]
    ),
    (
        "status-bsuid-only",
        [
            "status delivered of …GRUJFRjIA service"
        ]
    ),
    (
        "status-contacts-wa-id-only",
        [
            "status failed of …EOEFEMTcA #131026"
        ]
    ),
    (
        "status-contacts-without-profile",
        [
            "status sent of …5RDUzOTgA"
        ]
    ),
    (
        "status-deleted",
        [
            "status deleted of …xMUQ4RTEA"
        ]
    ),
    (
        "status-delivered-after-failed",
        [
            "status failed of …zNTc1N0YA #131000",
            "status delivered of …zNTc1N0YA",
        ]
    ),
    (
        "status-delivered-no-pricing",
        [
            "status delivered of …yOEQ4NDIA"
        ]
    ),
    (
        "status-delivered-then-sent",
        [
            "status sent of …GMDk5RTIA",
            "status delivered of …GMDk5RTIA utility",
        ]
    ),
    (
        "status-delivered",
        [
            "status delivered of …BRThBMEQA utility"
        ]
    ),
    (
        "status-duplicate-in-payload",
        [
            "status delivered of …EOTFGMjMA utility"
        ]
    ),
    (
        "status-failed-130403",
        [
            "status failed of …DMzMwODAA #130403"
        ]
    ),
    (
        "status-failed-130429",
        [
            "status failed of …1MzlDQzkA #130429"
        ]
    ),
    (
        "status-failed-130472",
        [
            "status failed of …xN0MzRTAA #130472"
        ]
    ),
    (
        "status-failed-130497",
        [
            "status failed of …CQkIwNEUA #130497"
        ]
    ),
    (
        "status-failed-131000",
        [
            "status failed of …DNTk3RjEA #131000"
        ]
    ),
    (
        "status-failed-131016",
        [
            "status failed of …GQUVEQzYA #131016"
        ]
    ),
    (
        "status-failed-131026",
        [
            "status failed of …1MkQxNDQA #131026"
        ]
    ),
    (
        "status-failed-131031",
        [
            "status failed of …wNDlBQTkA #131031"
        ]
    ),
    (
        "status-failed-131036",
        [
            "status failed of …GNUU5QkYA #131036"
        ]
    ),
    (
        "status-failed-131037",
        [
            "status failed of …DQzRDRjYA #131037"
        ]
    ),
    (
        "status-failed-131042",
        [
            "status failed of …5ODJFRDgA #131042"
        ]
    ),
    (
        "status-failed-131045",
        [
            "status failed of …2QkEzMEMA #131045"
        ]
    ),
    (
        "status-failed-131047",
        [
            "status failed of …DRkEzRjUA #131047"
        ]
    ),
    (
        "status-failed-131048",
        [
            "status failed of …EQ0NEODUA #131048"
        ]
    ),
    (
        "status-failed-131049",
        [
            "status failed of …5OTk1ODYA #131049"
        ]
    ),
    (
        "status-failed-131050",
        [
            "status failed of …EODE4RDEA #131050"
        ]
    ),
    (
        "status-failed-131051",
        [
            "status failed of …3RkZFM0IA #131051"
        ]
    ),
    (
        "status-failed-131052",
        [
            "status failed of …zM0VCMTAA #131052"
        ]
    ),
    (
        "status-failed-131053",
        [
            "status failed of …3RkU1QUIA #131053"
        ]
    ),
    (
        "status-failed-131056",
        [
            "status failed of …DNTZDRDYA #131056"
        ]
    ),
    (
        "status-failed-131062",
        [
            "status failed of …GMDQ5ODEA #131062"
        ]
    ),
    (
        "status-failed-132015",
        [
            "status failed of …1ODE0OUIA #132015"
        ]
    ),
    (
        "status-failed-132016",
        [
            "status failed of …4QTk4OUQA #132016"
        ]
    ),
    (
        "status-failed-135000",
        [
            "status failed of …xQjY4NkIA #135000"
        ]
    ),
    (
        "status-failed-137000",
        [
            "status failed of …BNTUwRTAA #137000"
        ]
    ),
    (
        "status-failed-after-sent",
        [
            "status sent of …zMjIyNUQA",
            "status failed of …zMjIyNUQA #131049",
        ]
    ),
    (
        "status-failed-bsuid",
        [
            "status failed of …xRTVDOUYA #131026"
        ]
    ),
    (
        "status-failed-flat-details",
        [
            "status failed of …4MUFGRTkA #131026"
        ]
    ),
    (
        "status-failed-no-errors",
        [
            "status failed of …BRUU4RUIA"
        ]
    ),
    (
        "status-failed-two-errors",
        [
            "status failed of …0NEI0MEIA #131053 #131000"
        ]
    ),
    (
        "status-failed-unknown-code",
        [
            "status failed of …FNEE3MjUA #139999"
        ]
    ),
    (
        "status-group-delivered-aggregate",
        [
            "status delivered of …wNEM0RjAA by 15550100001 group_service",
            "status delivered of …wNEM0RjAA by 15550100002 group_service",
            "status delivered of …wNEM0RjAA by 15550100003 group_service",
        ]
    ),
    (
        "status-group-failed",
        [
            "status failed of …5MkYyQ0QA #131207"
        ]
    ),
    (
        "status-group-read-bsuid",
        [
            "status read of …wNEM0RjAA by 15550100001"
        ]
    ),
    (
        "status-group-read-participant-alias",
        [
            "status read of …wNEM0RjAA by 15550100002"
        ]
    ),
    (
        "status-group-sent",
        [
            "status sent of …DMTkyMjIA"
        ]
    ),
    (
        "status-identity-hash",
        [
            "status delivered of …0ODMyQTAA"
        ]
    ),
    (
        "status-parent-bsuid-old-name",
        [
            "status delivered of …DNEZCMTcA"
        ]
    ),
    (
        "status-parent-bsuid",
        [
            "status delivered of …GQThDRjIA"
        ]
    ),
    (
        "status-played",
        [
            "status played of …wQjY4MDUA"
        ]
    ),
    (
        "status-read-before-delivered",
        [
            "status read of …yMjk0Q0IA",
            "status delivered of …yMjk0Q0IA utility",
        ]
    ),
    (
        "status-read-with-pricing",
        [
            "status read of …yQTgwN0IA marketing"
        ]
    ),
    (
        "status-read",
        [
            "status read of …EOTI5Q0MA"
        ]
    ),
    (
        "status-recipient-rewritten-ar",
        [
            "status sent of …g2MzQwRQA utility"
        ]
    ),
    (
        "status-recipient-rewritten-br",
        [
            "status delivered of …0QzNzIyAA utility"
        ]
    ),
    (
        "status-recipient-rewritten-mx",
        [
            "status delivered of …RBQkZEOAA utility"
        ]
    ),
    (
        "status-same-second",
        [
            "status delivered of …FRTg3QkUA",
            "status read of …FRTg3QkUA",
            "status sent of …FRTg3QkUA",
        ]
    ),
    (
        "status-sent-bare",
        [
            "status sent of …0OTZBMDcA"
        ]
    ),
    (
        "status-sent-conversation-cbp",
        [
            "status sent of …EOTJBNTMA marketing"
        ]
    ),
    (
        "status-sent-conversation-pmp",
        [
            "status sent of …5QTA4Q0MA marketing"
        ]
    ),
    (
        "status-sent-free-entry-point",
        [
            "status sent of …5MjUxQjUA referral_conversion"
        ]
    ),
    (
        "status-sent-free-service",
        [
            "status sent of …ENEUwODAA service"
        ]
    ),
    (
        "status-sent-pricing-type-name",
        [
            "status sent of …xOTZFMDIA authentication-international"
        ]
    ),
    (
        "status-sent-unknown-category",
        [
            "status sent of …CMTQ4MzUA category_of_tomorrow"
        ]
    ),
    (
        "status-sent",
        [
            "status sent of …0NkVEOUEA utility"
        ]
    ),
    (
        "status-unknown",
        [
            "status teleported of …DMDZBMDkA"
        ]
    ),
    (
        "status-warning",
        [
            "status warning of …5ODkxMDAA #1"
        ]
    ),
    ("template-category-update-done", []),
    ("template-category-update-impending", []),
    ("template-components-update", []),
    ("template-quality-update-under-status-field", []),
    ("template-quality-update", []),
    ("template-status-approved-null-reason", []),
    ("template-status-approved", []),
    ("template-status-archived", []),
    ("template-status-disabled", []),
    ("template-status-flagged", []),
    ("template-status-paused", []),
    ("template-status-pending-deletion", []),
    ("template-status-rejected", []),
    ("template-status-unknown-event", []),
    ("user-id-update", []),
    ("user-preferences-bsuid", []),
    ("user-preferences-resume", []),
    ("user-preferences-signup", []),
    ("user-preferences-stop", []),
]
