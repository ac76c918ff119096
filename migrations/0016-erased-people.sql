-- Of each erased customer a hash of every number and id, for the account, or for all (then without its name): what they had
-- written before may still wait in a spool. Goes as raw events go.
CREATE TABLE erased_people (
    digest    TEXT PRIMARY KEY,
    erased_at BIGINT NOT NULL
);
CREATE INDEX erased_people_erased ON erased_people (erased_at);
