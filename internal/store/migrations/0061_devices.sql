-- Devices that users have confirmed. secret is the verifier that a device
-- proves its password against, sealed.
CREATE TABLE user_devices (
	pool_id TEXT NOT NULL,
	sub TEXT NOT NULL,
	device_key TEXT NOT NULL,
	region TEXT NOT NULL,
	name TEXT NOT NULL,
	secret BYTEA NOT NULL,
	remembered BOOLEAN NOT NULL,
	address TEXT NOT NULL,
	created BIGINT NOT NULL,
	modified BIGINT NOT NULL,
	authenticated BIGINT NOT NULL,
	version BIGINT NOT NULL,
	PRIMARY KEY (pool_id, sub, device_key)
);

-- Devices that were asked for their proof a moment ago, for clients that keep
-- no session: with the session, sealed, and the address that it went to.
CREATE TABLE device_challenges (
	pool_id TEXT NOT NULL,
	sub TEXT NOT NULL,
	client_id TEXT NOT NULL,
	device_key TEXT NOT NULL,
	region TEXT NOT NULL,
	address TEXT NOT NULL,
	session BYTEA NOT NULL,
	expires BIGINT NOT NULL,
	PRIMARY KEY (pool_id, sub, client_id, device_key)
);
CREATE INDEX device_challenges_expires ON device_challenges (expires);
