/// What each of the webhook fixtures gives, item by item, in the words of `ItemWords`.
let webhookFixtures: [(file: String, items: [String])] = [
    ("account-alerts", ["notice account_alerts"]),
    ("account-review-update-approved", ["notice account_review_update"]),
    ("account-review-update-rejected", ["notice account_review_update"]),
    ("account-update-auth-international", ["notice account_update AUTH_INTL_PRICE_ELIGIBILITY_UPDATE"]),
    ("account-update-country", ["notice account_update BUSINESS_PRIMARY_LOCATION_COUNTRY_UPDATE"]),
    ("account-update-deleted", ["notice account_update ACCOUNT_DELETED"]),
    ("account-update-disabled", ["notice account_update DISABLED_UPDATE"]),
    ("account-update-offboarded", ["notice account_update ACCOUNT_OFFBOARDED"]),
    ("account-update-partner-added", ["notice account_update PARTNER_ADDED"]),
    ("account-update-partner-app-uninstalled", ["notice account_update PARTNER_APP_UNINSTALLED"]),
    ("account-update-partner-removed-disconnected", ["notice account_update PARTNER_REMOVED"]),
    ("account-update-partner-removed", ["notice account_update PARTNER_REMOVED"]),
    ("account-update-reconnected", ["notice account_update ACCOUNT_RECONNECTED"]),
    ("account-update-reinstated", ["notice account_update DISABLED_UPDATE"]),
    ("account-update-restriction", ["notice account_update ACCOUNT_RESTRICTION"]),
    ("account-update-unknown-event", ["notice account_update EVENT_OF_TOMORROW"]),
    ("account-update-verified", ["notice account_update VERIFIED_ACCOUNT"]),
    ("account-update-violation", ["notice account_update ACCOUNT_VIOLATION"]),
    ("account-update-volume-tier", ["notice account_update VOLUME_BASED_PRICING_TIER_UPDATE"]),
    ("automatic-events-lead", ["notice automatic_events"]),
    ("automatic-events-purchase", ["notice automatic_events"]),
    (
        "batch-contacts-other-order",
        [
            "message text “I am Alex” from 15550100001 by Alex Example",
            "message text “I am Robin” from 15550100002 by Robin Sample",
        ]
    ),
    (
        "batch-duplicate-wamid-two-changes",
        [
            "message text “Delivered twice in two changes” from 15550100001 by Alex Example",
            "message text “Delivered twice in two changes” from 15550100001",
        ]
    ),
    (
        "batch-duplicate-wamid",
        [
            "message text “Delivered twice” from 15550100001 by Alex Example",
            "message text “Delivered twice” from 15550100001 by Alex Example",
        ]
    ),
    ("batch-empty-changes", []),
    ("batch-empty-entry", []),
    ("batch-empty-messages", []),
    ("batch-empty-value", []),
    ("batch-entry-object", []),
    (
        "batch-messages-and-errors",
        [
            "message text “Fine” from 15550100001 by Alex Example",
            "errors 131000",
        ]
    ),
    (
        "batch-messages-and-statuses",
        [
            "message text “In one value” from 15550100001 by Alex Example",
            "status read → 15550100001 by Alex Example",
        ]
    ),
    (
        "batch-mixed-25",
        [
            "message text “Line 0” from 15550100001 by Alex Example",
            "message text “Line 1” from 15550100002 by Robin Sample",
            "message text “Line 2” from 15550100003 by Kim Placeholder",
            "message text “Line 3” from 15550100001 by Alex Example",
            "message text “Line 4” from 15550100002 by Robin Sample",
            "message text “Line 5” from 15550100003 by Kim Placeholder",
            "message image 500000000000201 image/jpeg from 15550100001 by Alex Example",
            "message audio 500000000000202 audio/ogg; codecs=opus voice from 15550100002 by Robin Sample",
            "status sent → 15550100001 utility",
            "status delivered → 15550100001",
            "status read → 15550100001",
            "status sent → 15550100001 utility",
            "status failed → 15550100001 with 131047",
            "message location 1.5 2.5 from 15550100003 by Kim Placeholder",
            "message reaction “🎉” from 15550100001 by Alex Example",
            "message sticker 500000000000203 image/webp no url from 15550100002 by Robin Sample",
            "message unsupported poll_creation: (#131051) Message type unknown: Message  from 15550100003 with 131051 by Kim Placeholder",
            "status delivered → 15550100001 marketing",
            "status played → 15550100001",
            "status delivered → 15550100001 marketing",
            "message text “Other tenant” from 15550100001 by Alex Example",
            "echo text “From the phone” from 15550200003 to 15550100002",
            "notice phone_number_quality_update THROUGHPUT_UPGRADE",
            "notice message_template_status_update APPROVED",
            "unsupported: an unknown field, field_of_tomorrow",
        ]
    ),
    (
        "batch-one-broken-item",
        [
            "message unsupported text: its `text` is not as expected no id no time",
            "message text “Good one beside a broken one” from 15550100001 by Alex Example",
            "message unsupported location: its `location` is not as expected from 15550100002 no time",
        ]
    ),
    (
        "batch-one-contact-two-senders",
        [
            "message text “I am Alex” from 15550100001 by Alex Example",
            "message text “I am nobody’s contact” from 15550100002",
        ]
    ),
    ("batch-other-object", ["unsupported: an update of another product, instagram"]),
    (
        "batch-out-of-order",
        [
            "message text “two (newer)” from 15550100001 by Alex Example",
            "message text “one (older)” from 15550100001 by Alex Example",
            "message text “same second as one” from 15550100001 by Alex Example",
        ]
    ),
    (
        "batch-status-before-echo",
        [
            "status read → 15550100001",
            "echo text “Typed on the phone” from 15550200001 to 15550100001",
        ]
    ),
    (
        "batch-status-before-message",
        [
            "status delivered → 15550100001 service",
            "message text “Got it, thanks” from 15550100001 quoting 15550200001 by Alex Example",
        ]
    ),
    (
        "batch-statuses-1000",
        [
            "333 × status delivered ",
            "333 × status read ",
            "334 × status sent ",
        ]
    ),
    (
        "batch-two-phone-numbers",
        [
            "message text “First business number” from 15550100001 by Alex Example",
            "message text “Second business number” from 15550100002 by Robin Sample",
        ]
    ),
    (
        "batch-two-wabas",
        [
            "message text “WABA one” from 15550100001 by Alex Example",
            "message text “WABA two” from 15550100003 by Kim Placeholder",
        ]
    ),
    ("batch-unknown-field", ["unsupported: an unknown field, field_of_tomorrow"]),
    ("business-capability-update-int", ["notice business_capability_update"]),
    ("business-capability-update-tier", ["notice business_capability_update"]),
    ("business-username-update", ["notice business_username_update"]),
    (
        "calls-connect-business-initiated",
        [
            "call wacid.FIXTUREcall0001 connect BUSINESS_INITIATED from 15550200001 to 15550100001"
        ]
    ),
    (
        "calls-connect-user-initiated",
        [
            "call wacid.FIXTUREcall0001 connect USER_INITIATED from 15550100001 to 15550200001 opens the window"
        ]
    ),
    ("calls-status-rejected", ["call wacid.FIXTUREcall0001 REJECTED to 15550100001"]),
    ("calls-status-ringing", ["call wacid.FIXTUREcall0001 RINGING to 15550100001"]),
    (
        "calls-terminate-completed",
        [
            "call wacid.FIXTUREcall0001 terminate COMPLETED USER_INITIATED from 15550100001 to 15550200001"
        ]
    ),
    (
        "calls-terminate-failed",
        [
            "call wacid.FIXTUREcall0001 terminate FAILED BUSINESS_INITIATED from 15550200001 to 15550100001",
            "errors 138021",
        ]
    ),
    ("errors-value-130429", ["errors 130429"]),
    ("errors-value-131035", ["errors 131035"]),
    ("group-join-request-created", ["notice group_participants_update"]),
    ("group-join-request-revoked", ["notice group_participants_update"]),
    ("group-lifecycle-create-failed", ["notice group_lifecycle_update"]),
    ("group-lifecycle-create", ["notice group_lifecycle_update"]),
    ("group-lifecycle-delete", ["notice group_lifecycle_update"]),
    ("group-participants-add", ["notice group_participants_update"]),
    ("group-participants-bsuid", ["notice group_participants_update"]),
    ("group-participants-left", ["notice group_participants_update"]),
    ("group-participants-remove-partial", ["notice group_participants_update"]),
    ("group-settings-update", ["notice group_settings_update"]),
    ("group-status-suspend-cleared", ["notice group_status_update"]),
    ("group-status-suspend", ["notice group_status_update"]),
    (
        "history-chunk",
        [
            "history text “Here is what you asked for” from 15550200001 to 15550100001 thread 15550100001 READ",
            "history unsupported media_placeholder: the media of an old message, which may f from 15550200001 thread 15550100001 PLAYED",
            "history text “Thanks!” from 15550100001 thread 15550100001 READ",
            "history text “Your order has shipped” from 15550200001 to 15550100002 thread 15550100002 DELIVERED",
        ]
    ),
    ("history-declined-2593109", ["errors 2593109"]),
    ("history-empty-threads", []),
    ("history-last-chunk", ["history text “180 days ago” from 15550100003 thread 15550100003 READ"]),
    (
        "history-media-follow-up-echo",
        [
            "history video 500000000000303 video/mp4 no url from 15550200001 to 15550100001 to user US.10000000000000000101"
        ]
    ),
    (
        "history-media-follow-up",
        [
            "history image 500000000000302 image/jpeg caption “From last week” no url from 15550100001"
        ]
    ),
    (
        "history-media-without-id",
        [
            "history image image/jpeg caption “Old picture” no url from 15550200001 to 15550100001 thread 15550100001",
            "history text “No history_context” from 15550100001 to 15550200001 thread 15550100001",
        ]
    ),
    ("history-not-an-array", ["unsupported: `history` is not an array"]),
    ("message-audio-file", ["message audio 500000000000108 audio/mpeg from 15550100001 by Alex Example"]),
    (
        "message-audio-voice-absent",
        [
            "message audio 500000000000109 audio/aac no url from 15550100001 by Alex Example"
        ]
    ),
    (
        "message-audio-voice",
        [
            "message audio 500000000000107 audio/ogg; codecs=opus voice from 15550100001 by Alex Example"
        ]
    ),
    ("message-button-no-context", ["message button “Stop” “Stop” from 15550100001 by Alex Example"]),
    ("message-button", ["message button “Stop” “optout-eu” from 15550100001 quoting 15550200001 by Alex Example"]),
    (
        "message-contacts-origin-on-message",
        [
            "message contacts nameless user US.10000000000000000102 by Robin Sample (@robin.sample)"
        ]
    ),
    (
        "message-contacts-request-info-reply",
        [
            "message contacts nameless user US.10000000000000000102 quoting 15550200001 by Robin Sample (@robin.sample)"
        ]
    ),
    ("message-contacts-two", ["message contacts Kim Placeholder, No Phone from 15550100001 by Alex Example"]),
    ("message-contacts-vcard", ["message contacts Robin Sample from 15550100001 by Alex Example"]),
    ("message-contacts", ["message contacts Dr. Sam T. Example Jr. from 15550100001 by Alex Example"]),
    (
        "message-display-number-formatted",
        [
            "message text “Formatted display number” from 15550100001 by Alex Example"
        ]
    ),
    (
        "message-document-hostile-filename",
        [
            "message document 500000000000114 text/html file “..\\..//etc/passwd\u{202E}fdp.exe<10>” from 15550100001 by Alex Example"
        ]
    ),
    (
        "message-document-no-filename",
        [
            "message document 500000000000111 application/octet-stream from 15550100001 by Alex Example"
        ]
    ),
    (
        "message-document-odd-mime",
        [
            "message document 500000000000112 image/vnd.dwg file “plan.dwg” from 15550100001 by Alex Example"
        ]
    ),
    (
        "message-document-unicode-filename",
        [
            "message document 500000000000113 application/vnd.openxmlformats-officedocument.wordprocessingml.document file “التقرير النهائي — 最終版 (1) 📄.docx” from 15550100001 by Alex Example"
        ]
    ),
    (
        "message-document",
        [
            "message document 500000000000110 application/pdf caption “Invoice for May” file “invoice-2026-05.pdf” from 15550100001 by Alex Example"
        ]
    ),
    ("message-echoes-field", ["echo text “Echo under the short field name” from 15550200001 to 15550100001"]),
    (
        "message-edit-image-caption",
        [
            "message edit image as image 500000000000120 image/jpeg caption “Corrected caption” from 15550100001 by Alex Example"
        ]
    ),
    ("message-edit-text", ["message edit text as text “I meant Thursday” from 15550100001 by Alex Example"]),
    (
        "message-image-caption-1024",
        [
            "message image 500000000000103 image/png caption “caption caption caption caption …1024” from 15550100001 by Alex Example"
        ]
    ),
    (
        "message-image-error-flat",
        [
            "message image 500000000000132 image/jpeg caption “Check this” no url from 15550100001 with 400 by Alex Example"
        ]
    ),
    (
        "message-image-group",
        [
            "message image 500000000000150 image/jpeg from 15550100001 user US.10000000000000000101 in group Y2FwaV9ncm91cDpGSVhUVVJFMDAwMQZD by Alex Example"
        ]
    ),
    (
        "message-image-no-caption-no-url",
        [
            "message image 500000000000102 image/jpeg no url from 15550100001 by Alex Example"
        ]
    ),
    ("message-image-webp", ["message image 500000000000104 image/webp from 15550100001 by Alex Example"]),
    (
        "message-image-with-errors",
        [
            "message unsupported image: (#131052) Media download error: Failed t from 15550100001 with 131052 by Alex Example"
        ]
    ),
    (
        "message-image",
        [
            "message image 500000000000101 image/jpeg caption “Our kitchen” from 15550100001 by Alex Example"
        ]
    ),
    (
        "message-interactive-button-reply",
        [
            "message button_reply confirm-7 “Confirm” from 15550100001 quoting 15550200001 by Alex Example"
        ]
    ),
    (
        "message-interactive-call-permission-accept",
        [
            "message call_permission_reply response “\"accept\"” from 15550100001 quoting 15550200001 by Alex Example"
        ]
    ),
    (
        "message-interactive-call-permission-reject",
        [
            "message call_permission_reply response “\"reject\"” from 15550100001 quoting 15550200001 by Alex Example"
        ]
    ),
    (
        "message-interactive-empty-value-errors",
        [
            "message unsupported interactive: its `interactive` is missing from 15550100001 by Alex Example",
            "errors 131000",
        ]
    ),
    (
        "message-interactive-list-reply-no-description",
        [
            "message list_reply slot-1000 “10:00” from 15550100001 quoting 15550200001 by Alex Example"
        ]
    ),
    (
        "message-interactive-list-reply",
        [
            "message list_reply slot-0900 “09:00” “Morning, room 2” from 15550100001 quoting 15550200001 by Alex Example"
        ]
    ),
    (
        "message-interactive-nfm-reply-address",
        [
            "message nfm_reply response “{\"saved_address_id\":\"addr1\",\"val…163” from 15550100001 quoting 15550200001 by Alex Example"
        ]
    ),
    (
        "message-interactive-nfm-reply-bad-json",
        [
            "message nfm_reply raw “{\"flow_token\":\"tok-0002\",\"note\":…40” from 15550100001 quoting 15550200001 by Alex Example"
        ]
    ),
    (
        "message-interactive-nfm-reply-flow-no-token",
        [
            "message nfm_reply response “{\"name\":\"Alex\",\"agree\":true}” from 15550100001 quoting 15550200001 by Alex Example"
        ]
    ),
    (
        "message-interactive-nfm-reply-flow",
        [
            "message nfm_reply response “{\"flow_token\":\"tok-0001\",\"rating…198” from 15550100001 quoting 15550200001 by Alex Example"
        ]
    ),
    (
        "message-interactive-unknown-subtype",
        [
            "message unsupported future_reply: an unknown kind of interactive answer from 15550100001 quoting 15550200001 by Alex Example"
        ]
    ),
    ("message-location-integers", ["message location 0.0 -180.0 from 15550100001 by Alex Example"]),
    ("message-location-place", ["message location 37.5 -122.25 “Example Coffee” from 15550100001 by Alex Example"]),
    ("message-location", ["message location 12.345678901234 -98.765432109876 from 15550100001 by Alex Example"]),
    (
        "message-media-error-131052",
        [
            "message unsupported -: (#131052) Media download error: Failed t from 15550100001 with 131052 by Alex Example"
        ]
    ),
    ("message-media-unknown-number", ["message image 500000000000131 image/jpeg from 15550100001 by Alex Example"]),
    ("message-minimal-metadata", ["message text “No display number” from 15550100001"]),
    ("message-null-optionals", ["message image 500000000000130 image/jpeg no url from 15550100001 by ?"]),
    ("message-numeric-scalars", ["message text “Numbers where strings belong” from 15550100001 by Alex Example"]),
    ("message-old-timestamp", ["message text “Delivered late” from 15550100001 by Alex Example"]),
    ("message-order-string-numbers", ["message order of 1 “” from 15550100001 quoting 15550200001 by Alex Example"]),
    ("message-order", ["message order of 2 “Please gift-wrap” from 15550100001 by Alex Example"]),
    ("message-reaction-removed-absent", ["message reaction from 15550100001 by Alex Example"]),
    ("message-reaction-removed-empty", ["message reaction from 15550100001 by Alex Example"]),
    ("message-reaction-unknown-target", ["message reaction “❤️” from 15550100001 by Alex Example"]),
    ("message-reaction", ["message reaction “👍🏽” from 15550100001 by Alex Example"]),
    ("message-request-welcome", ["message welcome from 15550100001 by Alex Example"]),
    ("message-revoke", ["message revoke from 15550100001 by Alex Example"]),
    (
        "message-sticker-animated",
        [
            "message sticker 500000000000116 image/webp animated from 15550100001 by Alex Example"
        ]
    ),
    ("message-sticker-static", ["message sticker 500000000000115 image/webp from 15550100001 by Alex Example"]),
    (
        "message-system-and-message-in-one-batch",
        [
            "message text “Written from the new id” user US.10000000000000000191 by Alex Example",
            "message system userIDChanged US.10000000000000000101 → US.10000000000000000191",
        ]
    ),
    (
        "message-system-customer-changed-number",
        [
            "message system numberChanged 15550100001 → 15550100091 from 15550100001"
        ]
    ),
    ("message-system-identity-changed", ["message system identityChanged → from 15550100001 by Alex Example"]),
    ("message-system-unknown", ["message system other → from 15550100001"]),
    (
        "message-system-user-changed-number-new-wa-id",
        [
            "message system numberChanged 15550100001 → 15550100091 from 15550100001 by Alex Example"
        ]
    ),
    (
        "message-system-user-changed-number",
        [
            "message system numberChanged 15550100001 → 15550100091 from 15550100001"
        ]
    ),
    (
        "message-system-user-changed-user-id-previous",
        [
            "message system userIDChanged US.10000000000000000101 → US.10000000000000000191"
        ]
    ),
    ("message-system-user-changed-user-id", ["message system userIDChanged → US.10000000000000000191"]),
    (
        "message-text-4096-emoji",
        [
            "message text “👩🏽‍🚀👩🏽‍🚀👩🏽‍🚀👩🏽‍🚀👩🏽‍🚀👩🏽‍🚀👩🏽‍🚀👩🏽‍🚀…2341” from 15550100001 by Alex Example"
        ]
    ),
    ("message-text-4096", ["message text “0123456789abcdef0123456789abcdef…4096” from 15550100001 by Alex Example"]),
    (
        "message-text-ascii-escaped",
        [
            "message text “Zażółć gęślą jaźń 🚚 a/b <tag> & …57” from 15550100001 by Alex Example"
        ]
    ),
    (
        "message-text-bsuid-and-phone",
        [
            "message text “Hello with both ids” from 15550100001 user US.10000000000000000101 by Alex Example"
        ]
    ),
    (
        "message-text-bsuid-empty-strings",
        [
            "message text “Hello, empty ids” user US.10000000000000000102 by Robin Sample (@robin.sample)"
        ]
    ),
    (
        "message-text-bsuid-only",
        [
            "message text “Hello without a phone number” user US.10000000000000000102 by Robin Sample (@robin.sample)"
        ]
    ),
    ("message-text-contact-empty-name", ["message text “Blank name” from 15550100001 by ?"]),
    (
        "message-text-contact-wa-id-differs",
        [
            "message text “Ids differ” from 5511900000001 by Kim Placeholder (551100000001)"
        ]
    ),
    ("message-text-contact-without-profile", ["message text “No profile” from 15550100001 by ?"]),
    (
        "message-text-control-characters",
        [
            "message text “nul:� bell:<7> esc:<27>[31m del:<127> end” from 15550100001 by Alex Example"
        ]
    ),
    ("message-text-empty-body", ["message text “” from 15550100001 by Alex Example"]),
    ("message-text-empty-contacts", ["message text “Empty contacts array” from 15550100001"]),
    ("message-text-forwarded", ["message text “Look at this offer” from 15550100001 forwarded by Alex Example"]),
    (
        "message-text-frequently-forwarded",
        [
            "message text “Send this to ten friends” from 15550100001 frequently forwarded by Alex Example"
        ]
    ),
    (
        "message-text-group",
        [
            "message text “What does everybody think?” from 15550100001 in group Y2FwaV9ncm91cDpGSVhUVVJFMDAwMQZD by Alex Example"
        ]
    ),
    ("message-text-identity-hash", ["message text “Hello” from 15550100001 by Alex Example"]),
    (
        "message-text-multiline",
        [
            "message text “*bold* _italic_ ~struck~ ```code…85” from 15550100001 by Alex Example"
        ]
    ),
    ("message-text-no-contacts", ["message text “No contacts array here” from 15550100001"]),
    (
        "message-text-parent-bsuid",
        [
            "message text “Hello from a parent id” from 15550100001 user US.10000000000000000101 by Alex Example"
        ]
    ),
    ("message-text-referral-ad-image", ["message text “Tell me more” from 15550100001 after ad by Alex Example"]),
    ("message-text-referral-ad-video", ["message text “Price?” from 15550100001 after ad by Alex Example"]),
    (
        "message-text-referral-no-clid",
        [
            "message text “Saw this on Status” from 15550100001 after ad by Alex Example"
        ]
    ),
    (
        "message-text-referral-post-empty-strings",
        [
            "message text “Hello” from 15550100001 after post by Alex Example"
        ]
    ),
    (
        "message-text-referred-product",
        [
            "message text “Is this one still in stock?” from 15550100001 quoting 15550200001 about a product by Alex Example"
        ]
    ),
    (
        "message-text-reply-context-from-phone-number-id",
        [
            "message text “Quoting you” from 15550100001 quoting 200000000000101 by Alex Example"
        ]
    ),
    (
        "message-text-reply-to-own-message",
        [
            "message text “Correcting what I wrote above” from 15550100001 quoting 15550100001 by Alex Example"
        ]
    ),
    (
        "message-text-reply",
        [
            "message text “Yes, that one please” from 15550100001 quoting 15550200001 by Alex Example"
        ]
    ),
    ("message-text-test-sample", ["message text “this is a text message” from 15550100999 by test user name"]),
    (
        "message-text-unicode",
        [
            "message text “مرحبا 👋🏽 שלום — 你好, नमस्ते 👨‍👩‍👧…65” from 15550100001 by Ünïcödé 🦄 العربية"
        ]
    ),
    ("message-text", ["message text “Do you have this in a smaller si…35” from 15550100001 by Alex Example"]),
    (
        "message-type-future",
        [
            "message unsupported hologram: an unknown kind of message from 15550100001 by Alex Example"
        ]
    ),
    ("message-type-missing", ["message unsupported -: a message without a type from 15550100001 by Alex Example"]),
    (
        "message-type-unknown",
        [
            "message unsupported -: (#131051) Unsupported message type: Mess from 15550100001 with 131051 by Alex Example"
        ]
    ),
    ("message-unknown-fields", ["message text “Unknown fields everywhere” from 15550100001 by Alex Example"]),
    (
        "message-unsupported-131051",
        [
            "message unsupported -: (#131051) Message type unknown: Message  from 15550100001 with 131051 by Alex Example"
        ]
    ),
    (
        "message-unsupported-131060",
        [
            "message unsupported -: (#131060) This message is unavailable: T from 15550100001 with 131060 by Alex Example"
        ]
    ),
    (
        "message-unsupported-group-130501",
        [
            "message unsupported -: (#130501) Unsupported message type: Mess from 15550100001 in group Y2FwaV9ncm91cDpGSVhUVVJFMDAwMQZD with 130501 by Alex Example"
        ]
    ),
    (
        "message-unsupported-no-errors",
        [
            "message unsupported -: WhatsApp could not pass this message on from 15550100001 by Alex Example"
        ]
    ),
    (
        "message-unsupported-with-type",
        [
            "message unsupported poll_creation: (#131051) Message type unknown: Message  from 15550100001 with 131051 by Alex Example"
        ]
    ),
    (
        "message-video-no-caption",
        [
            "message video 500000000000106 video/3gpp no url from 15550100001 by Alex Example"
        ]
    ),
    (
        "message-video",
        [
            "message video 500000000000105 video/mp4 caption “Thirty days of growth” from 15550100001 by Alex Example"
        ]
    ),
    ("message-without-id", ["message text “No message id” from 15550100001 no id by Alex Example"]),
    ("partner-solutions", ["notice partner_solutions SOLUTION_CREATED"]),
    ("payment-configuration-update", ["notice payment_configuration_update"]),
    ("phone-number-name-update-approved", ["notice phone_number_name_update"]),
    ("phone-number-name-update-rejected", ["notice phone_number_name_update"]),
    ("phone-number-quality-update-no-limits", ["notice phone_number_quality_update FLAGGED"]),
    ("phone-number-quality-update-onboarding", ["notice phone_number_quality_update ONBOARDING"]),
    ("phone-number-quality-update-throughput", ["notice phone_number_quality_update THROUGHPUT_UPGRADE"]),
    ("phone-number-quality-update-upgrade", ["notice phone_number_quality_update UPGRADE"]),
    ("security-pin-changed", ["notice security PIN_CHANGED"]),
    ("security-pin-reset-request", ["notice security PIN_RESET_REQUEST"]),
    ("smb-app-state-sync-add", ["contact add 15550100001 “Alex Example”"]),
    (
        "smb-app-state-sync-remove",
        [
            "contact remove 15550100001",
            "contact add 15550100002 “Robin Sample”",
        ]
    ),
    (
        "smb-message-echoes-bsuid",
        [
            "echo text “Hello again” from 15550200001 to 15550100001 to user US.10000000000000000101 by Alex Example"
        ]
    ),
    ("smb-message-echoes-edit", ["echo edit text as text “Corrected on the phone” from 15550200001 to 15550100001"]),
    (
        "smb-message-echoes-image",
        [
            "echo image 500000000000301 image/jpeg caption “New stock” from 15550200001 to 15550100001"
        ]
    ),
    ("smb-message-echoes-revoke", ["echo revoke from 15550200001 to 15550100001"]),
    ("smb-message-echoes-text", ["echo text “Sent from our phone” from 15550200001 to 15550100001"]),
    ("status-biz-opaque-callback-data", ["status delivered → 15550100001 callback “job=42;tenant=acme;🦊” utility"]),
    (
        "status-bsuid-and-phone",
        [
            "status delivered → 15550100001 user US.10000000000000000101 utility by Alex Example"
        ]
    ),
    ("status-bsuid-empty-recipient-id", ["status read → user US.10000000000000000102 by Robin Sample"]),
    (
        "status-bsuid-only",
        [
            "status delivered → user US.10000000000000000102 service by Robin Sample (@robin.sample)"
        ]
    ),
    ("status-contacts-wa-id-only", ["status failed → 15550100001 with 131026 by ?"]),
    ("status-contacts-without-profile", ["status sent → 15550100001 user US.10000000000000000101 by ?"]),
    ("status-deleted", ["status deleted → 15550100001"]),
    (
        "status-delivered-after-failed",
        [
            "status failed → 15550100001 with 131000",
            "status delivered → 15550100001",
        ]
    ),
    ("status-delivered-no-pricing", ["status delivered → 15550100001"]),
    (
        "status-delivered-then-sent",
        [
            "status delivered → 15550100001 utility",
            "status sent → 15550100001",
        ]
    ),
    ("status-delivered", ["status delivered → 15550100001 utility"]),
    (
        "status-duplicate-in-payload",
        [
            "status delivered → 15550100001 utility",
            "status delivered → 15550100001 utility",
        ]
    ),
    ("status-failed-130403", ["status failed → 15550100001 with 130403"]),
    ("status-failed-130429", ["status failed → 15550100001 with 130429"]),
    ("status-failed-130472", ["status failed → 15550100001 with 130472"]),
    ("status-failed-130497", ["status failed → 15550100001 with 130497"]),
    ("status-failed-131000", ["status failed → 15550100001 with 131000"]),
    ("status-failed-131016", ["status failed → 15550100001 with 131016"]),
    ("status-failed-131026", ["status failed → 15550100001 with 131026"]),
    ("status-failed-131031", ["status failed → 15550100001 with 131031"]),
    ("status-failed-131036", ["status failed → 15550100001 with 131036"]),
    ("status-failed-131037", ["status failed → 15550100001 with 131037"]),
    ("status-failed-131042", ["status failed → 15550100001 with 131042"]),
    ("status-failed-131045", ["status failed → 15550100001 with 131045"]),
    ("status-failed-131047", ["status failed → 15550100001 with 131047"]),
    ("status-failed-131048", ["status failed → 15550100001 with 131048"]),
    ("status-failed-131049", ["status failed → 15550100001 with 131049"]),
    ("status-failed-131050", ["status failed → 15550100001 with 131050"]),
    ("status-failed-131051", ["status failed → 15550100001 with 131051"]),
    ("status-failed-131052", ["status failed → 15550100001 with 131052"]),
    ("status-failed-131053", ["status failed → 15550100001 with 131053"]),
    ("status-failed-131056", ["status failed → 15550100001 with 131056"]),
    ("status-failed-131062", ["status failed → 15550100001 with 131062"]),
    ("status-failed-132015", ["status failed → 15550100001 with 132015"]),
    ("status-failed-132016", ["status failed → 15550100001 with 132016"]),
    ("status-failed-135000", ["status failed → 15550100001 with 135000"]),
    ("status-failed-137000", ["status failed → 15550100001 with 137000"]),
    (
        "status-failed-after-sent",
        [
            "status sent → 15550100001",
            "status failed → 15550100001 with 131049",
        ]
    ),
    ("status-failed-bsuid", ["status failed → user US.10000000000000000102 with 131026"]),
    ("status-failed-flat-details", ["status failed → 15550100001 with 131026"]),
    ("status-failed-no-errors", ["status failed → 15550100001"]),
    ("status-failed-two-errors", ["status failed → 15550100001 with 131053 131000"]),
    ("status-failed-unknown-code", ["status failed → 15550100001 with 139999"]),
    (
        "status-group-delivered-aggregate",
        [
            "status delivered → Y2FwaV9ncm91cDpGSVhUVVJFMDAwMQZD (group) participant 15550100001 group_service",
            "status delivered → Y2FwaV9ncm91cDpGSVhUVVJFMDAwMQZD (group) participant 15550100002 group_service",
            "status delivered → Y2FwaV9ncm91cDpGSVhUVVJFMDAwMQZD (group) participant 15550100003 group_service",
        ]
    ),
    ("status-group-failed", ["status failed → Y2FwaV9ncm91cDpGSVhUVVJFMDAwMQZD (group) with 131207"]),
    (
        "status-group-read-bsuid",
        [
            "status read → 120363000000000001@g.us (group) participant 15550100001 by Alex Example (US.10000000000000000101 @alex.example)"
        ]
    ),
    (
        "status-group-read-participant-alias",
        [
            "status read → Y2FwaV9ncm91cDpGSVhUVVJFMDAwMQZD (group) participant 15550100002"
        ]
    ),
    ("status-group-sent", ["status sent → Y2FwaV9ncm91cDpGSVhUVVJFMDAwMQZD (group)"]),
    ("status-identity-hash", ["status delivered → 15550100001"]),
    ("status-parent-bsuid-old-name", ["status delivered → 15550100001 user US.10000000000000000101 by Alex Example"]),
    ("status-parent-bsuid", ["status delivered → 15550100001 user US.10000000000000000101 by Alex Example"]),
    ("status-played", ["status played → 15550100001"]),
    (
        "status-read-before-delivered",
        [
            "status read → 15550100001",
            "status delivered → 15550100001 utility",
        ]
    ),
    ("status-read-with-pricing", ["status read → 15550100001 marketing"]),
    ("status-read", ["status read → 15550100001"]),
    ("status-recipient-rewritten-ar", ["status sent → 5490000000001 utility"]),
    ("status-recipient-rewritten-br", ["status delivered → 551100000001 utility"]),
    ("status-recipient-rewritten-mx", ["status delivered → 5210000000001 utility"]),
    (
        "status-same-second",
        [
            "status sent → 15550100001",
            "status delivered → 15550100001",
            "status read → 15550100001",
        ]
    ),
    ("status-sent-bare", ["status sent → 15550100001"]),
    ("status-sent-conversation-cbp", ["status sent → 15550100001 marketing conversation"]),
    ("status-sent-conversation-pmp", ["status sent → 15550100001 marketing conversation"]),
    ("status-sent-free-entry-point", ["status sent → 15550100001 referral_conversion conversation"]),
    ("status-sent-free-service", ["status sent → 15550100001 service"]),
    ("status-sent-pricing-type-name", ["status sent → 15550100001 authentication-international"]),
    ("status-sent-unknown-category", ["status sent → 15550100001 category_of_tomorrow"]),
    ("status-sent", ["status sent → 15550100001 utility"]),
    ("status-unknown", ["status teleported → 15550100001"]),
    ("status-warning", ["status warning → 15550100001 with 1"]),
    ("template-category-update-done", ["notice template_category_update"]),
    ("template-category-update-impending", ["notice template_category_update"]),
    ("template-components-update", ["notice message_template_components_update"]),
    ("template-quality-update-under-status-field", ["notice message_template_status_update"]),
    ("template-quality-update", ["notice message_template_quality_update"]),
    ("template-status-approved-null-reason", ["notice message_template_status_update APPROVED"]),
    ("template-status-approved", ["notice message_template_status_update APPROVED"]),
    ("template-status-archived", ["notice message_template_status_update ARCHIVED"]),
    ("template-status-disabled", ["notice message_template_status_update DISABLED"]),
    ("template-status-flagged", ["notice message_template_status_update FLAGGED"]),
    ("template-status-paused", ["notice message_template_status_update PAUSED"]),
    ("template-status-pending-deletion", ["notice message_template_status_update PENDING_DELETION"]),
    ("template-status-rejected", ["notice message_template_status_update REJECTED"]),
    ("template-status-unknown-event", ["notice message_template_status_update EVENT_OF_TOMORROW"]),
    ("user-id-update", ["identity US.10000000000000000101 → US.10000000000000000191 of 15550100001"]),
    ("user-preferences-bsuid", ["notice user_preferences"]),
    ("user-preferences-resume", ["notice user_preferences"]),
    ("user-preferences-signup", ["notice user_preferences"]),
    ("user-preferences-stop", ["notice user_preferences"]),
]
