-- Tickets with which a browser follows a room; each is deleted by its use.
CREATE TABLE room_tickets (
    ticket_hash TEXT PRIMARY KEY,
    room_name   TEXT NOT NULL,
    origin      TEXT,
    expires_at  BIGINT NOT NULL
);
CREATE INDEX room_tickets_expiry ON room_tickets (expires_at);
