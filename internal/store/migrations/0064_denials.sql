-- Decisions that refused a request, with what they were made from, so that
-- they can be explained. The newest of each account are kept for a while.
CREATE TABLE denials (
	account TEXT NOT NULL,
	time BIGINT NOT NULL,
	id TEXT NOT NULL,
	region TEXT NOT NULL,
	request_id TEXT NOT NULL,
	op TEXT NOT NULL,
	principal TEXT NOT NULL,
	resource TEXT NOT NULL,
	decision TEXT NOT NULL,
	PRIMARY KEY (account, time, id)
);
CREATE INDEX denials_request ON denials (request_id);
CREATE INDEX denials_age ON denials (time);
CREATE INDEX audit_request ON audit (request_id);

-- Ids of access keys that were deleted: they are nobody's for ever.
CREATE TABLE iam_deleted_keys (
	account TEXT NOT NULL,
	id TEXT NOT NULL,
	deleted BIGINT NOT NULL,
	PRIMARY KEY (account, id)
);

-- The issuer under which an account's principals prove to outside parties who
-- they are. It stays the account's when it is switched off.
CREATE TABLE iam_outbound_issuers (
	account TEXT NOT NULL REFERENCES accounts (id),
	issuer TEXT NOT NULL,
	enabled BOOLEAN NOT NULL,
	created BIGINT NOT NULL,
	version BIGINT NOT NULL,
	PRIMARY KEY (account)
);
CREATE UNIQUE INDEX iam_outbound_issuers_issuer ON iam_outbound_issuers (issuer);
