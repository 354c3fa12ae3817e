-- Signing keys. The owner is a user pool, or the deployment's identity pools.
-- private is sealed; expires is 0 until the key is replaced.
CREATE TABLE signing_keys (
	owner TEXT NOT NULL,
	id TEXT NOT NULL,
	region TEXT NOT NULL,
	purpose TEXT NOT NULL,
	private BYTEA NOT NULL,
	created BIGINT NOT NULL,
	active BIGINT NOT NULL,
	expires BIGINT NOT NULL,
	PRIMARY KEY (owner, id)
);
-- A token names its key, not its pool.
CREATE UNIQUE INDEX signing_keys_id ON signing_keys (id);
CREATE INDEX signing_keys_expires ON signing_keys (expires);

-- Keys made ahead of need, sealed.
CREATE TABLE spare_keys (
	id TEXT NOT NULL PRIMARY KEY,
	private BYTEA NOT NULL,
	created BIGINT NOT NULL
);

-- What a refresh token stands for. hash and previous are of the secrets in the
-- current token and the one before it.
CREATE TABLE refresh_sessions (
	pool_id TEXT NOT NULL,
	id TEXT NOT NULL,
	region TEXT NOT NULL,
	client_id TEXT NOT NULL,
	sub TEXT NOT NULL,
	username TEXT NOT NULL,
	auth_time BIGINT NOT NULL,
	scope TEXT NOT NULL,
	event_id TEXT NOT NULL,
	device_key TEXT NOT NULL,
	created BIGINT NOT NULL,
	expires BIGINT NOT NULL,
	revoked BOOLEAN NOT NULL,
	generation BIGINT NOT NULL,
	hash BYTEA NOT NULL,
	previous BYTEA,
	previous_until BIGINT NOT NULL,
	epoch BIGINT NOT NULL,
	version BIGINT NOT NULL,
	PRIMARY KEY (pool_id, id)
);
CREATE INDEX refresh_sessions_sub ON refresh_sessions (pool_id, sub, id);
CREATE INDEX refresh_sessions_expires ON refresh_sessions (expires);

-- How often a user was signed out everywhere, and when last. A session counts
-- while it has its user's epoch.
CREATE TABLE user_epochs (
	pool_id TEXT NOT NULL,
	sub TEXT NOT NULL,
	region TEXT NOT NULL,
	epoch BIGINT NOT NULL,
	raised BIGINT NOT NULL,
	PRIMARY KEY (pool_id, sub)
);

-- Pools that were deleted and whose sessions are still being removed.
CREATE TABLE session_leftovers (
	pool_id TEXT NOT NULL PRIMARY KEY
);
