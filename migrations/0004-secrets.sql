-- Keys that all gateways on this database share and that nobody set: made by whichever needs one first.
CREATE TABLE gateway_secrets (
    name       TEXT PRIMARY KEY,
    value      TEXT NOT NULL,
    created_at BIGINT NOT NULL
);
