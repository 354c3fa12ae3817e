-- User pools. The id is unique in the deployment and leads the key by itself:
-- tokens, identity pools and published keys name a pool without its owner.
CREATE TABLE user_pools (
	id TEXT NOT NULL PRIMARY KEY,
	account TEXT NOT NULL,
	region TEXT NOT NULL,
	custom_issuer TEXT,
	description TEXT NOT NULL,
	factors TEXT NOT NULL,
	created BIGINT NOT NULL,
	modified BIGINT NOT NULL,
	version BIGINT NOT NULL,
	UNIQUE (account, custom_issuer)
);
CREATE INDEX user_pools_owner ON user_pools (account, region, id);

-- App clients. Unsigned calls name a client and nothing else, so its id is
-- unique in the deployment. The secret is sealed.
CREATE TABLE user_pool_clients (
	pool_id TEXT NOT NULL REFERENCES user_pools (id) ON DELETE CASCADE,
	id TEXT NOT NULL UNIQUE,
	region TEXT NOT NULL,
	secret BYTEA,
	description TEXT NOT NULL,
	created BIGINT NOT NULL,
	modified BIGINT NOT NULL,
	version BIGINT NOT NULL,
	PRIMARY KEY (pool_id, id)
);

-- Groups. Who is in them is kept with the users.
CREATE TABLE user_pool_groups (
	pool_id TEXT NOT NULL REFERENCES user_pools (id) ON DELETE CASCADE,
	name TEXT NOT NULL,
	region TEXT NOT NULL,
	details TEXT NOT NULL,
	created BIGINT NOT NULL,
	modified BIGINT NOT NULL,
	version BIGINT NOT NULL,
	PRIMARY KEY (pool_id, name)
);
