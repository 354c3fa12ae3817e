-- Server certificates are named like users, groups and roles.
CREATE TABLE iam_server_certificates (
	account TEXT NOT NULL REFERENCES accounts (id),
	id TEXT NOT NULL,
	name_key TEXT NOT NULL,
	name TEXT NOT NULL,
	path TEXT NOT NULL,
	details TEXT NOT NULL,
	created BIGINT NOT NULL,
	version BIGINT NOT NULL,
	PRIMARY KEY (account, id),
	UNIQUE (account, name_key)
);

-- What users have to prove themselves to other services with: SSH public keys,
-- signing certificates, and passwords for one service, of which the hash is
-- kept.
CREATE TABLE iam_user_credentials (
	account TEXT NOT NULL,
	kind TEXT NOT NULL,
	id TEXT NOT NULL,
	user_id TEXT NOT NULL,
	active BOOLEAN NOT NULL,
	hash BYTEA NOT NULL,
	details TEXT NOT NULL,
	created BIGINT NOT NULL,
	PRIMARY KEY (account, kind, id),
	FOREIGN KEY (account, user_id) REFERENCES iam_users (account, id)
);
CREATE INDEX iam_user_credentials_user ON iam_user_credentials (account, user_id, kind);

-- Deletions of service-linked roles, which clients ask about afterwards.
CREATE TABLE iam_role_deletions (
	account TEXT NOT NULL REFERENCES accounts (id),
	task TEXT NOT NULL,
	finished BIGINT NOT NULL,
	PRIMARY KEY (account, task)
);

-- When and where sessions of a role last signed a request.
CREATE TABLE iam_role_use (
	account TEXT NOT NULL REFERENCES accounts (id),
	role TEXT NOT NULL,
	used BIGINT NOT NULL,
	region TEXT NOT NULL,
	PRIMARY KEY (account, role)
);
