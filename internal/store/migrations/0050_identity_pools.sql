-- Identity pools. The document holds settings, roles, mappings and tags.
CREATE TABLE identity_pools (
	account TEXT NOT NULL,
	region TEXT NOT NULL,
	id TEXT NOT NULL,
	document TEXT NOT NULL,
	version BIGINT NOT NULL,
	PRIMARY KEY (account, region, id)
);
-- Unsigned calls know nothing but the id.
CREATE UNIQUE INDEX identity_pools_id ON identity_pools (id);

CREATE TABLE identities (
	pool_id TEXT NOT NULL,
	region TEXT NOT NULL,
	id TEXT NOT NULL,
	disabled BOOLEAN NOT NULL,
	created BIGINT NOT NULL,
	modified BIGINT NOT NULL,
	version BIGINT NOT NULL,
	PRIMARY KEY (pool_id, id)
);
-- Unsigned calls know nothing but the id.
CREATE UNIQUE INDEX identities_id ON identities (id);

-- Who an identity is at its providers. In a pool a login has one identity.
CREATE TABLE identity_logins (
	pool_id TEXT NOT NULL,
	region TEXT NOT NULL,
	provider TEXT NOT NULL,
	subject TEXT NOT NULL,
	identity_id TEXT NOT NULL,
	PRIMARY KEY (pool_id, provider, subject)
);
CREATE INDEX identity_logins_identity ON identity_logins (pool_id, identity_id, provider);
