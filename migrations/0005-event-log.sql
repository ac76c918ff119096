-- What happened, told to listeners, numbered in the order of the commits: the number is a listener's cursor. What is
-- told of a message is read from the message itself, so an event holds no text that would outlive it.
ALTER TABLE events RENAME TO events_before;
DROP INDEX events_timestamp;
CREATE TABLE events (
    position   BIGINT PRIMARY KEY,
    type       TEXT NOT NULL,
    account_id TEXT NOT NULL,
    room_name  TEXT,
    message_id TEXT,
    sequence   BIGINT,
    timestamp  BIGINT NOT NULL,
    data       {json}
);
INSERT INTO events (position, type, account_id, room_name, message_id, sequence, timestamp, data)
SELECT position, type, account_id, room_name, CASE WHEN room_name IS NOT NULL THEN data ->> 'messageId' END, sequence,
    timestamp, CASE WHEN room_name IS NULL THEN data END
FROM events_before;
DROP TABLE events_before;
CREATE INDEX events_room ON events (room_name, position) WHERE room_name IS NOT NULL;
