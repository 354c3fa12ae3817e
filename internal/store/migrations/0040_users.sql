-- Users, with all that a sign-in reads: credential (sealed) and lock. The _key
-- columns are what is compared: bytes, so that the order is the same under
-- every collation.
CREATE TABLE users (
	pool_id TEXT NOT NULL,
	sub TEXT NOT NULL,
	region TEXT NOT NULL,
	username TEXT NOT NULL,
	username_key BYTEA NOT NULL,
	status TEXT NOT NULL,
	enabled BOOLEAN NOT NULL,
	attributes TEXT NOT NULL,
	credential BYTEA,
	failures BIGINT NOT NULL,
	failed_at BIGINT NOT NULL,
	email_key BYTEA,
	phone_number_key BYTEA,
	name_key BYTEA,
	given_name_key BYTEA,
	family_name_key BYTEA,
	preferred_username_key BYTEA,
	created BIGINT NOT NULL,
	modified BIGINT NOT NULL,
	version BIGINT NOT NULL,
	PRIMARY KEY (pool_id, sub),
	UNIQUE (pool_id, username_key)
);
CREATE INDEX users_status ON users (pool_id, status, sub);
CREATE INDEX users_enabled ON users (pool_id, enabled, sub);
CREATE INDEX users_email ON users (pool_id, email_key, sub) WHERE email_key IS NOT NULL;
CREATE INDEX users_phone_number ON users (pool_id, phone_number_key, sub) WHERE phone_number_key IS NOT NULL;
CREATE INDEX users_name ON users (pool_id, name_key, sub) WHERE name_key IS NOT NULL;
CREATE INDEX users_given_name ON users (pool_id, given_name_key, sub) WHERE given_name_key IS NOT NULL;
CREATE INDEX users_family_name ON users (pool_id, family_name_key, sub) WHERE family_name_key IS NOT NULL;
CREATE INDEX users_preferred_username ON users (pool_id, preferred_username_key, sub) WHERE preferred_username_key IS NOT NULL;

-- Names beside username and sub by which a user can sign in.
CREATE TABLE user_aliases (
	pool_id TEXT NOT NULL,
	alias BYTEA NOT NULL,
	region TEXT NOT NULL,
	sub TEXT NOT NULL,
	PRIMARY KEY (pool_id, alias)
);

-- Codes that were sent, as keyed hashes.
CREATE TABLE user_codes (
	pool_id TEXT NOT NULL,
	sub TEXT NOT NULL,
	purpose TEXT NOT NULL,
	region TEXT NOT NULL,
	attribute TEXT NOT NULL,
	hash BYTEA NOT NULL,
	attempts BIGINT NOT NULL,
	created BIGINT NOT NULL,
	expires BIGINT NOT NULL,
	version BIGINT NOT NULL,
	PRIMARY KEY (pool_id, sub, purpose)
);
CREATE INDEX user_codes_expires ON user_codes (expires);

-- How often something was tried under a name.
CREATE TABLE user_attempts (
	pool_id TEXT NOT NULL,
	subject TEXT NOT NULL,
	action TEXT NOT NULL,
	region TEXT NOT NULL,
	attempts BIGINT NOT NULL,
	counted_at BIGINT NOT NULL,
	expires BIGINT NOT NULL,
	version BIGINT NOT NULL,
	PRIMARY KEY (pool_id, subject, action)
);
CREATE INDEX user_attempts_expires ON user_attempts (expires);

-- Challenges that have been answered and must not be answered again.
CREATE TABLE signin_challenges (
	pool_id TEXT NOT NULL,
	id TEXT NOT NULL,
	region TEXT NOT NULL,
	expires BIGINT NOT NULL,
	PRIMARY KEY (pool_id, id)
);
CREATE INDEX signin_challenges_expires ON signin_challenges (expires);

-- Pools that were deleted and whose users are still being removed.
CREATE TABLE user_leftovers (
	pool_id TEXT NOT NULL PRIMARY KEY
);
