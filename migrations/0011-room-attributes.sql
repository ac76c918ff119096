-- What a team notes of a room. `tags` is what is shown; `room_tags` holds the same to be looked up.
ALTER TABLE rooms ADD COLUMN state TEXT NOT NULL DEFAULT 'open' CHECK (state IN ('open', 'closed'));
ALTER TABLE rooms ADD COLUMN assignee TEXT;
ALTER TABLE rooms ADD COLUMN tags {json};
CREATE TABLE room_tags (
    room_name TEXT NOT NULL REFERENCES rooms (room_name) ON DELETE CASCADE,
    tag       TEXT NOT NULL,
    PRIMARY KEY (room_name, tag)
);
CREATE INDEX room_tags_tag ON room_tags (tag, room_name);
-- Rooms are listed by their state, so these serve every list, at the price of those before them.
DROP INDEX rooms_recent;
DROP INDEX rooms_account_recent;
CREATE INDEX rooms_recent ON rooms (state, last_message_at, room_name);
CREATE INDEX rooms_account_recent ON rooms (account_id, state, last_message_at, room_name);
CREATE INDEX rooms_assignee ON rooms (assignee, state, last_message_at, room_name) WHERE assignee IS NOT NULL;
