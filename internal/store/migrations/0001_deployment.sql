-- Data keys of the deployment, each wrapped by the master key named.
CREATE TABLE data_keys (
	id BIGINT NOT NULL PRIMARY KEY,
	master TEXT NOT NULL,
	wrapped BYTEA NOT NULL,
	active_from BIGINT NOT NULL,
	created BIGINT NOT NULL
);

-- Messages to people, written in the transaction that causes them. Destination,
-- subject and body are sealed: they hold addresses and codes.
CREATE TABLE outbox (
	id TEXT NOT NULL PRIMARY KEY,
	account TEXT NOT NULL,
	region TEXT NOT NULL,
	pool TEXT NOT NULL,
	medium TEXT NOT NULL,
	destination BYTEA NOT NULL,
	subject BYTEA NOT NULL,
	body BYTEA NOT NULL,
	state TEXT NOT NULL,
	attempts BIGINT NOT NULL,
	not_before BIGINT NOT NULL,
	created BIGINT NOT NULL,
	version BIGINT NOT NULL
);
CREATE INDEX outbox_due ON outbox (state, not_before);
CREATE INDEX outbox_created ON outbox (created, id);

-- What was done, by whom, to what; written in the transaction that did it.
CREATE TABLE audit (
	account TEXT NOT NULL,
	time BIGINT NOT NULL,
	id TEXT NOT NULL,
	region TEXT NOT NULL,
	op TEXT NOT NULL,
	principal TEXT NOT NULL,
	resource TEXT NOT NULL,
	request_id TEXT NOT NULL,
	source_ip TEXT NOT NULL,
	PRIMARY KEY (account, time, id)
);
CREATE INDEX audit_resource ON audit (account, resource, time);
CREATE INDEX audit_age ON audit (time);
