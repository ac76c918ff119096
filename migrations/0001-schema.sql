-- Accounts: the credentials of one WhatsApp business number each.
CREATE TABLE tenant_whatsapp_config (
    account_id             TEXT PRIMARY KEY,
    tenant_id              TEXT NOT NULL,
    phone_number_id        TEXT UNIQUE,
    business_account_id    TEXT,
    display_phone_number   TEXT,
    access_token_encrypted TEXT,
    access_token_key_id    TEXT,
    status                 TEXT NOT NULL DEFAULT 'active' CHECK (status IN ('active', 'paused')),
    status_reason          TEXT,
    paused_until           BIGINT NOT NULL DEFAULT 0,
    created_at             BIGINT NOT NULL,
    updated_at             BIGINT NOT NULL
);

-- One customer (or group) of one account. wa_id and user_id say where an answer goes today.
CREATE TABLE contacts (
    contact_id      TEXT PRIMARY KEY,
    account_id      TEXT NOT NULL REFERENCES tenant_whatsapp_config (account_id),
    phone_number    TEXT,
    wa_id           TEXT,
    user_id         TEXT,
    group_id        TEXT,
    username        TEXT,
    name            TEXT,
    created_at      BIGINT NOT NULL,
    updated_at      BIGINT NOT NULL
);
CREATE INDEX contacts_account ON contacts (account_id);

-- Every form under which a contact is known: kind is phone (digits), user (BSUID) or group.
CREATE TABLE contact_aliases (
    account_id TEXT NOT NULL,
    kind       TEXT NOT NULL CHECK (kind IN ('phone', 'user', 'group')),
    value      TEXT NOT NULL,
    contact_id TEXT NOT NULL REFERENCES contacts (contact_id) ON DELETE CASCADE,
    created_at BIGINT NOT NULL,
    PRIMARY KEY (account_id, kind, value)
);
CREATE INDEX contact_aliases_contact ON contact_aliases (contact_id);

CREATE TABLE rooms (
    room_name       TEXT PRIMARY KEY,
    account_id      TEXT NOT NULL REFERENCES tenant_whatsapp_config (account_id),
    contact_id      TEXT NOT NULL UNIQUE REFERENCES contacts (contact_id),
    title           TEXT NOT NULL,
    channel         TEXT NOT NULL,
    department      TEXT NOT NULL,
    private         BOOLEAN NOT NULL,
    phone_number    TEXT,
    last_sequence   BIGINT NOT NULL DEFAULT 0,
    last_message_at BIGINT NOT NULL DEFAULT 0,
    last_inbound_at BIGINT NOT NULL DEFAULT 0,
    unread_count    BIGINT NOT NULL DEFAULT 0,
    merged_into     TEXT,
    created_at      BIGINT NOT NULL,
    updated_at      BIGINT NOT NULL
);
CREATE INDEX rooms_recent ON rooms (last_message_at, room_name);
CREATE INDEX rooms_account_recent ON rooms (account_id, last_message_at, room_name);

CREATE TABLE whatsapp_messages (
    message_id          TEXT PRIMARY KEY,
    account_id          TEXT NOT NULL REFERENCES tenant_whatsapp_config (account_id),
    whatsapp_message_id TEXT,
    source_key          TEXT,
    phone_number        TEXT,
    room_name           TEXT NOT NULL REFERENCES rooms (room_name),
    contact_id          TEXT NOT NULL,
    sequence            BIGINT NOT NULL,
    direction           TEXT NOT NULL CHECK (direction IN ('incoming', 'outgoing')),
    type                TEXT NOT NULL,
    status              TEXT NOT NULL CHECK (status IN ('pending', 'unknown', 'sent', 'failed', 'delivered', 'read', 'played')),
    text                TEXT,
    media_url           TEXT,
    media_type          TEXT,
    media_status        TEXT CHECK (media_status IN ('pending', 'ready', 'rejected', 'expired')),
    media_reason        TEXT,
    media_id            TEXT,
    media_sha256        TEXT,
    file_name           TEXT,
    file_size           BIGINT,
    mime_type           TEXT,
    caption             TEXT,
    reply_to            TEXT,
    reactions           {json},
    location            {json},
    contacts            {json},
    interactive         {json},
    extras              {json},
    metadata            {json},
    timestamp           BIGINT NOT NULL,
    sent_at             BIGINT,
    delivered_at        BIGINT,
    read_at             BIGINT,
    played_at           BIGINT,
    failed_at           BIGINT,
    failed_reason       TEXT,
    failure             {json},
    edited_at           BIGINT,
    deleted_at          BIGINT,
    revision            BIGINT NOT NULL DEFAULT 1,
    created_at          BIGINT NOT NULL,
    updated_at          BIGINT NOT NULL,
    expires_at          BIGINT NOT NULL,
    UNIQUE (account_id, whatsapp_message_id),
    UNIQUE (account_id, source_key)
);
CREATE INDEX whatsapp_messages_phone ON whatsapp_messages (phone_number, timestamp);
CREATE INDEX whatsapp_messages_room ON whatsapp_messages (room_name, sequence);
CREATE INDEX whatsapp_messages_wamid ON whatsapp_messages (whatsapp_message_id);
CREATE INDEX whatsapp_messages_media ON whatsapp_messages (media_url) WHERE media_url IS NOT NULL;
CREATE INDEX whatsapp_messages_expiry ON whatsapp_messages (expires_at);

-- The room's own view: every message of the room in its order, and the notes that never leave it.
CREATE TABLE chat_messages (
    message_id          TEXT PRIMARY KEY,
    account_id          TEXT NOT NULL REFERENCES tenant_whatsapp_config (account_id),
    whatsapp_message_id TEXT,
    phone_number        TEXT,
    room_name           TEXT NOT NULL REFERENCES rooms (room_name),
    contact_id          TEXT NOT NULL,
    sequence            BIGINT NOT NULL,
    direction           TEXT NOT NULL CHECK (direction IN ('incoming', 'outgoing')),
    type                TEXT NOT NULL,
    status              TEXT NOT NULL CHECK (status IN ('pending', 'unknown', 'sent', 'failed', 'delivered', 'read', 'played')),
    text                TEXT,
    media_url           TEXT,
    media_type          TEXT,
    media_status        TEXT CHECK (media_status IN ('pending', 'ready', 'rejected', 'expired')),
    media_reason        TEXT,
    media_id            TEXT,
    media_sha256        TEXT,
    file_name           TEXT,
    file_size           BIGINT,
    mime_type           TEXT,
    caption             TEXT,
    reply_to            TEXT,
    reactions           {json},
    location            {json},
    contacts            {json},
    interactive         {json},
    extras              {json},
    metadata            {json},
    sender              {json},
    private             BOOLEAN NOT NULL DEFAULT FALSE,
    timestamp           BIGINT NOT NULL,
    sent_at             BIGINT,
    delivered_at        BIGINT,
    read_at             BIGINT,
    played_at           BIGINT,
    failed_at           BIGINT,
    failed_reason       TEXT,
    failure             {json},
    edited_at           BIGINT,
    deleted_at          BIGINT,
    revision            BIGINT NOT NULL DEFAULT 1,
    created_at          BIGINT NOT NULL,
    updated_at          BIGINT NOT NULL,
    expires_at          BIGINT NOT NULL,
    UNIQUE (room_name, sequence)
);
CREATE INDEX chat_messages_expiry ON chat_messages (expires_at);

-- What Meta says of a message, each report once; also of messages that are not known yet.
CREATE TABLE message_statuses (
    account_id          TEXT NOT NULL,
    whatsapp_message_id TEXT NOT NULL,
    status              TEXT NOT NULL,
    participant         TEXT NOT NULL DEFAULT '',
    timestamp           BIGINT NOT NULL,
    callback_data       TEXT,
    errors              {json},
    pricing             {json},
    received_at         BIGINT NOT NULL,
    PRIMARY KEY (account_id, whatsapp_message_id, status, participant, timestamp)
);
CREATE INDEX message_statuses_received ON message_statuses (received_at);

-- Reactions, edits and deletions, each once; they wait here when their target is not known yet.
CREATE TABLE message_changes (
    account_id  TEXT NOT NULL,
    change_id   TEXT NOT NULL,
    target_id   TEXT NOT NULL,
    kind        TEXT NOT NULL CHECK (kind IN ('reaction', 'edit', 'revoke')),
    author      TEXT NOT NULL,
    payload     {json} NOT NULL,
    timestamp   BIGINT NOT NULL,
    received_at BIGINT NOT NULL,
    PRIMARY KEY (account_id, change_id)
);
CREATE INDEX message_changes_target ON message_changes (account_id, target_id);
CREATE INDEX message_changes_received ON message_changes (received_at);

-- The body of every webhook as it came. A body that comes again raises deliveries.
CREATE TABLE webhook_events (
    event_id    TEXT PRIMARY KEY,
    body_sha256 TEXT NOT NULL UNIQUE,
    body        {bytes} NOT NULL,
    received_at BIGINT NOT NULL,
    deliveries  BIGINT NOT NULL DEFAULT 1,
    state       TEXT NOT NULL CHECK (state IN ('processed', 'partial', 'unrouted', 'failed')),
    items       BIGINT NOT NULL,
    reason      TEXT
);
CREATE INDEX webhook_events_received ON webhook_events (received_at);
CREATE INDEX webhook_events_state ON webhook_events (state, received_at);

CREATE TABLE jobs (
    job_id       TEXT PRIMARY KEY,
    kind         TEXT NOT NULL,
    account_id   TEXT NOT NULL,
    lane         TEXT NOT NULL,
    position     BIGINT NOT NULL,
    state        TEXT NOT NULL DEFAULT 'open' CHECK (state IN ('open', 'running', 'dead')),
    payload      {json} NOT NULL,
    attempts     BIGINT NOT NULL DEFAULT 0,
    pauses       BIGINT NOT NULL DEFAULT 0,
    fence        BIGINT NOT NULL DEFAULT 0,
    in_flight    BOOLEAN NOT NULL DEFAULT FALSE,
    run_at       BIGINT NOT NULL,
    leased_until BIGINT NOT NULL DEFAULT 0,
    last_error   TEXT,
    created_at   BIGINT NOT NULL,
    updated_at   BIGINT NOT NULL
);
CREATE INDEX jobs_lane ON jobs (lane, position, job_id) WHERE state <> 'dead';
CREATE INDEX jobs_due ON jobs (run_at) WHERE state = 'open';
CREATE INDEX jobs_leased ON jobs (leased_until) WHERE state = 'running';

CREATE TABLE idempotency_keys (
    account_id   TEXT NOT NULL,
    key          TEXT NOT NULL,
    request_hash TEXT NOT NULL,
    message_id   TEXT NOT NULL,
    created_at   BIGINT NOT NULL,
    PRIMARY KEY (account_id, key)
);
CREATE INDEX idempotency_keys_created ON idempotency_keys (created_at);

-- Documents that MongoDB does not have in their present revision.
CREATE TABLE mirror_outbox (
    collection TEXT NOT NULL,
    message_id TEXT NOT NULL,
    revision   BIGINT NOT NULL DEFAULT 1,
    queued_at  BIGINT NOT NULL,
    run_at     BIGINT NOT NULL DEFAULT 0,
    failures   BIGINT NOT NULL DEFAULT 0,
    last_error TEXT,
    PRIMARY KEY (collection, message_id)
);
CREATE INDEX mirror_outbox_order ON mirror_outbox (run_at, queued_at);

-- Files under uploads/whatsapp, served by name.
CREATE TABLE media (
    name          TEXT PRIMARY KEY,
    account_id    TEXT NOT NULL,
    sha256        TEXT NOT NULL,
    mime_type     TEXT NOT NULL,
    size          BIGINT NOT NULL,
    original_name TEXT,
    created_at    BIGINT NOT NULL
);
CREATE INDEX media_content ON media (account_id, sha256);

-- Media ids that Meta gave for uploaded content; good for 30 days.
CREATE TABLE media_uploads (
    account_id  TEXT NOT NULL,
    sha256      TEXT NOT NULL,
    mime_type   TEXT NOT NULL,
    media_id    TEXT NOT NULL,
    uploaded_at BIGINT NOT NULL,
    PRIMARY KEY (account_id, sha256, mime_type)
);
