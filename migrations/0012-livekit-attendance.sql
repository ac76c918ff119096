-- Which gateway takes part in the room in LiveKit, how long that holds or the room rests, and the last event of which
-- what the customer said was said there.
ALTER TABLE livekit_rooms ADD COLUMN holder TEXT;
ALTER TABLE livekit_rooms ADD COLUMN held_until BIGINT NOT NULL DEFAULT 0;
ALTER TABLE livekit_rooms ADD COLUMN said BIGINT NOT NULL DEFAULT 0;
CREATE INDEX livekit_rooms_holder ON livekit_rooms (holder) WHERE holder IS NOT NULL;
CREATE INDEX livekit_participants_present ON livekit_participants (room_name) WHERE left_at IS NULL;
