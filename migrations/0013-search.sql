-- What is searched, kept up by a follower of the events and never by those who write messages; see Search/SearchIndex.
-- `words` holds the words that the program takes out of a text. `document` grows with the message's time.
CREATE TABLE search_messages (
    document   {rowid} PRIMARY KEY,
    message_id TEXT NOT NULL UNIQUE REFERENCES chat_messages (message_id) ON DELETE CASCADE,
    account_id TEXT NOT NULL,
    room_name  TEXT NOT NULL,
    words      {words} NOT NULL
);
CREATE INDEX search_messages_room ON search_messages (room_name, document);
CREATE INDEX search_messages_account ON search_messages (account_id, document);
CREATE TABLE search_rooms (
    document  {rowid} PRIMARY KEY,
    room_name TEXT NOT NULL UNIQUE REFERENCES rooms (room_name) ON DELETE CASCADE,
    words     {words} NOT NULL
);

{postgres}
CREATE INDEX search_messages_words ON search_messages USING GIN (words) WITH (gin_pending_list_limit = 1024);
CREATE INDEX search_rooms_words ON search_rooms USING GIN (words) WITH (gin_pending_list_limit = 256);
{end}
{sqlite}
CREATE VIRTUAL TABLE search_message_words USING fts5 (
    words, content = 'search_messages', content_rowid = 'document', tokenize = 'ascii', detail = 'none', columnsize = 0,
    prefix = '2 3'
);
CREATE TRIGGER search_messages_added AFTER INSERT ON search_messages BEGIN
    INSERT INTO search_message_words (rowid, words) VALUES (new.document, new.words);
END;
CREATE TRIGGER search_messages_removed AFTER DELETE ON search_messages BEGIN
    INSERT INTO search_message_words (search_message_words, rowid, words) VALUES ('delete', old.document, old.words);
END;
CREATE TRIGGER search_messages_changed AFTER UPDATE OF words ON search_messages BEGIN
    INSERT INTO search_message_words (search_message_words, rowid, words) VALUES ('delete', old.document, old.words);
    INSERT INTO search_message_words (rowid, words) VALUES (new.document, new.words);
END;
CREATE VIRTUAL TABLE search_room_words USING fts5 (
    words, content = 'search_rooms', content_rowid = 'document', tokenize = 'ascii', detail = 'none', columnsize = 0,
    prefix = '2 3'
);
CREATE TRIGGER search_rooms_added AFTER INSERT ON search_rooms BEGIN
    INSERT INTO search_room_words (rowid, words) VALUES (new.document, new.words);
END;
CREATE TRIGGER search_rooms_removed AFTER DELETE ON search_rooms BEGIN
    INSERT INTO search_room_words (search_room_words, rowid, words) VALUES ('delete', old.document, old.words);
END;
CREATE TRIGGER search_rooms_changed AFTER UPDATE OF words ON search_rooms BEGIN
    INSERT INTO search_room_words (search_room_words, rowid, words) VALUES ('delete', old.document, old.words);
    INSERT INTO search_room_words (rowid, words) VALUES (new.document, new.words);
END;
{end}

-- How far the follower has come: the last event that it went through; and of what was there before, the newest first,
-- the message and the room that it has come to, NULL when it is through. No id is after 'z'.
CREATE TABLE search_progress (
    name            TEXT PRIMARY KEY,
    position        BIGINT NOT NULL,
    messages_before TEXT,
    rooms_after     TEXT
);
INSERT INTO search_progress (name, position, messages_before, rooms_after)
SELECT 'index', position, 'z', '' FROM event_counter WHERE name = 'events';
