-- Who takes a message to its reader, until when that makes sense, and why it
-- has not worked so far (sealed). Messages from before carry codes that nobody
-- was going to send: they stay to be read.
ALTER TABLE outbox ADD COLUMN route TEXT NOT NULL DEFAULT 'EMAIL';
ALTER TABLE outbox ADD COLUMN expires BIGINT NOT NULL DEFAULT 0;
ALTER TABLE outbox ADD COLUMN problem BYTEA;
UPDATE outbox SET route = medium, expires = created;
UPDATE outbox SET state = 'KEPT' WHERE state = 'PENDING';
DROP INDEX outbox_due;
CREATE INDEX outbox_due ON outbox (state, route, not_before, id);
