-- Meta's limits, kept by all gateways together; see Outbound/SendLimits. `due` is in microseconds since 1970.
CREATE TABLE send_limits (
    key      TEXT PRIMARY KEY,
    due      BIGINT NOT NULL,
    refusals BIGINT NOT NULL DEFAULT 0
);
CREATE INDEX send_limits_due ON send_limits (due);

-- What happened, told to listeners; positions are given out under the lock of the counter, so they grow as commits do.
CREATE TABLE events (
    position   BIGINT PRIMARY KEY,
    event_id   TEXT NOT NULL UNIQUE,
    type       TEXT NOT NULL,
    account_id TEXT NOT NULL,
    room_name  TEXT,
    sequence   BIGINT,
    timestamp  BIGINT NOT NULL,
    data       {json} NOT NULL
);
CREATE INDEX events_timestamp ON events (timestamp);
CREATE TABLE event_counter (
    name     TEXT PRIMARY KEY,
    position BIGINT NOT NULL
);
INSERT INTO event_counter (name, position) VALUES ('events', 0);

-- How far a message to a group has come with each of its participants.
ALTER TABLE whatsapp_messages ADD COLUMN participants {json};
ALTER TABLE chat_messages ADD COLUMN participants {json};
