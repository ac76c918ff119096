-- retry_at: while an endpoint takes nothing, when it is tried next. old_secret signs beside the present one for a while.
ALTER TABLE webhook_endpoints ADD COLUMN retry_at BIGINT;
ALTER TABLE webhook_endpoints ADD COLUMN old_secret TEXT;
ALTER TABLE webhook_endpoints ADD COLUMN old_secret_until BIGINT;

-- What became of the reply in the endpoint's answer.
ALTER TABLE webhook_deliveries ADD COLUMN reply_message_id TEXT;
ALTER TABLE webhook_deliveries ADD COLUMN reply_error TEXT;
CREATE INDEX webhook_deliveries_room ON webhook_deliveries (room_name);
