-- Of each erased message a hash of its identity, so that it can't come in again.
CREATE TABLE erased_messages (
    digest    TEXT PRIMARY KEY,
    erased_at BIGINT NOT NULL
);

-- Lookups of media at Meta that are under way or have failed, so many an account; see Media/LookupBudget.
CREATE TABLE media_lookups (
    account_id TEXT NOT NULL,
    slot       BIGINT NOT NULL,
    holder     TEXT NOT NULL DEFAULT '',
    failed     BOOLEAN NOT NULL DEFAULT FALSE,
    begun_at   BIGINT NOT NULL DEFAULT 0,
    free_at    BIGINT NOT NULL DEFAULT 0,
    PRIMARY KEY (account_id, slot)
);
