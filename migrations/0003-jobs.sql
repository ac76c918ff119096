-- How much of the gateways' attention an account gets while jobs wait; see Jobs/JobTurns.
ALTER TABLE tenant_whatsapp_config ADD COLUMN plan TEXT NOT NULL DEFAULT 'standard'
    CHECK (plan IN ('standard', 'premium', 'enterprise'));

-- behind: known to stand behind another job of its lane, so that nobody looks at it until that one is gone.
ALTER TABLE jobs ADD COLUMN behind BOOLEAN NOT NULL DEFAULT FALSE;
-- Runs that ended in an error which no handler foresaw.
ALTER TABLE jobs ADD COLUMN failures BIGINT NOT NULL DEFAULT 0;
DROP INDEX jobs_due;
CREATE INDEX jobs_claimable ON jobs (account_id, kind, run_at, job_id) WHERE state = 'open' AND NOT behind;
CREATE INDEX jobs_dead ON jobs (job_id) WHERE state = 'dead';

-- What an operator holds back: one account or all (''), one kind or all ('').
CREATE TABLE job_pauses (
    account_id TEXT NOT NULL DEFAULT '',
    kind       TEXT NOT NULL DEFAULT '',
    created_at BIGINT NOT NULL,
    PRIMARY KEY (account_id, kind)
);
