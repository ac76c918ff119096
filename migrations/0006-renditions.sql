-- Other forms of stored files, made when they are first asked for. Without a hash: could not be made, not to be tried
-- again for a while.
CREATE TABLE media_renditions (
    source     TEXT NOT NULL REFERENCES media (name) ON DELETE CASCADE,
    form       TEXT NOT NULL,
    sha256     TEXT,
    mime_type  TEXT NOT NULL,
    size       BIGINT NOT NULL,
    created_at BIGINT NOT NULL,
    PRIMARY KEY (source, form)
);
