-- When, from where and with what a session was last used.
ALTER TABLE refresh_sessions ADD COLUMN active BIGINT NOT NULL DEFAULT 0;
ALTER TABLE refresh_sessions ADD COLUMN address TEXT NOT NULL DEFAULT '';
ALTER TABLE refresh_sessions ADD COLUMN device TEXT NOT NULL DEFAULT '';
UPDATE refresh_sessions SET active = created;

-- What pools and clients say of sessions.
ALTER TABLE user_pools ADD COLUMN sessions TEXT NOT NULL DEFAULT '';
ALTER TABLE user_pool_clients ADD COLUMN sessions TEXT NOT NULL DEFAULT '';
