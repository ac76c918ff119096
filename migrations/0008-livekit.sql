-- How far those have come that follow the events with a cursor of their own.
CREATE TABLE event_cursors (
    name     TEXT PRIMARY KEY,
    position BIGINT NOT NULL
);

-- The room in LiveKit's memory: its sid there, NULL when LiveKit has none; the last event that it was told of; when it
-- was last asked who is in the room, and when an agent was last sent for.
CREATE TABLE livekit_rooms (
    room_name     TEXT PRIMARY KEY REFERENCES rooms (room_name) ON DELETE CASCADE,
    sid           TEXT,
    position      BIGINT,
    checked_at    BIGINT NOT NULL DEFAULT 0,
    dispatched_at BIGINT NOT NULL DEFAULT 0
);

-- Who is in these rooms. A sid is of one stay; the row of one who left stays a while, so that nothing late revives it.
CREATE TABLE livekit_participants (
    participant_sid TEXT PRIMARY KEY,
    room_name       TEXT NOT NULL REFERENCES rooms (room_name) ON DELETE CASCADE,
    identity        TEXT NOT NULL,
    name            TEXT NOT NULL,
    kind            TEXT NOT NULL,
    is_agent        BOOLEAN NOT NULL,
    joined_at       BIGINT,
    noted_at        BIGINT NOT NULL,
    left_at         BIGINT
);
CREATE INDEX livekit_participants_room ON livekit_participants (room_name, participant_sid);
CREATE INDEX livekit_participants_left ON livekit_participants (left_at) WHERE left_at IS NOT NULL;

-- The agent that LiveKit sends into the account's rooms; NULL: the one of LIVEKIT_AGENT_NAME, '': none.
ALTER TABLE tenant_whatsapp_config ADD COLUMN livekit_agent TEXT;
