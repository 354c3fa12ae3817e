-- Identity providers of user pools. Details, which hold client secrets and
-- private keys, are sealed.
CREATE TABLE user_pool_providers (
	pool_id TEXT NOT NULL REFERENCES user_pools (id) ON DELETE CASCADE,
	name TEXT NOT NULL,
	id TEXT NOT NULL,
	region TEXT NOT NULL,
	type TEXT NOT NULL,
	details BYTEA NOT NULL,
	settings TEXT NOT NULL,
	created BIGINT NOT NULL,
	modified BIGINT NOT NULL,
	version BIGINT NOT NULL,
	PRIMARY KEY (pool_id, name)
);

-- Other names by which sign-in pages ask for a provider.
CREATE TABLE user_pool_provider_identifiers (
	pool_id TEXT NOT NULL,
	identifier TEXT NOT NULL,
	region TEXT NOT NULL,
	name TEXT NOT NULL,
	PRIMARY KEY (pool_id, identifier),
	FOREIGN KEY (pool_id, name) REFERENCES user_pool_providers (pool_id, name) ON DELETE CASCADE
);
CREATE INDEX user_pool_provider_identifiers_name ON user_pool_provider_identifiers (pool_id, name);

-- Who of a provider's people is which user. The key is a hash of provider
-- name, attribute and value: values may be long, and are compared whole.
-- provider_id tells a provider from one that had its name before.
CREATE TABLE user_links (
	pool_id TEXT NOT NULL,
	link BYTEA NOT NULL,
	region TEXT NOT NULL,
	provider_id TEXT NOT NULL,
	sub TEXT NOT NULL,
	created BIGINT NOT NULL,
	PRIMARY KEY (pool_id, link)
);
CREATE INDEX user_links_sub ON user_links (pool_id, sub);
