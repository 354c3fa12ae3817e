-- Accounts. The generation changes with everything that IAM keeps of the
-- account, so that one number tells whether what was cached is still true. It
-- starts from the time: an account made again never repeats one.
CREATE TABLE accounts (
	id TEXT NOT NULL PRIMARY KEY,
	name TEXT NOT NULL,
	created BIGINT NOT NULL,
	generation BIGINT NOT NULL
);

-- Users, groups, roles and managed policies look alike: names compare without
-- regard to case through name_key, and what only one kind has is in details.
CREATE TABLE iam_users (
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

CREATE TABLE iam_groups (
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

CREATE TABLE iam_roles (
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

CREATE TABLE iam_policies (
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

CREATE TABLE iam_policy_versions (
	account TEXT NOT NULL,
	policy TEXT NOT NULL,
	number BIGINT NOT NULL,
	document TEXT NOT NULL,
	created BIGINT NOT NULL,
	PRIMARY KEY (account, policy, number),
	FOREIGN KEY (account, policy) REFERENCES iam_policies (account, id)
);

-- Inline policies of users, groups and roles, by the owner's unique id.
CREATE TABLE iam_inline_policies (
	account TEXT NOT NULL REFERENCES accounts (id),
	owner TEXT NOT NULL,
	name TEXT NOT NULL,
	document TEXT NOT NULL,
	PRIMARY KEY (account, owner, name)
);

-- Which managed policies, AWS's included, an owner uses, and what for.
CREATE TABLE iam_attachments (
	account TEXT NOT NULL REFERENCES accounts (id),
	owner TEXT NOT NULL,
	purpose TEXT NOT NULL,
	policy TEXT NOT NULL,
	PRIMARY KEY (account, owner, purpose, policy)
);
CREATE INDEX iam_attachments_policy ON iam_attachments (account, policy, purpose);

CREATE TABLE iam_memberships (
	account TEXT NOT NULL,
	group_id TEXT NOT NULL,
	user_id TEXT NOT NULL,
	PRIMARY KEY (account, group_id, user_id),
	FOREIGN KEY (account, group_id) REFERENCES iam_groups (account, id),
	FOREIGN KEY (account, user_id) REFERENCES iam_users (account, id)
);
CREATE INDEX iam_memberships_user ON iam_memberships (account, user_id);

-- Access keys. An empty user_id is the account's root user. The secret is
-- sealed.
CREATE TABLE iam_access_keys (
	account TEXT NOT NULL REFERENCES accounts (id),
	id TEXT NOT NULL,
	user_id TEXT NOT NULL,
	secret BYTEA NOT NULL,
	active BOOLEAN NOT NULL,
	created BIGINT NOT NULL,
	used BIGINT NOT NULL,
	used_service TEXT NOT NULL,
	used_region TEXT NOT NULL,
	PRIMARY KEY (account, id)
);
CREATE INDEX iam_access_keys_user ON iam_access_keys (account, user_id);

CREATE TABLE iam_oidc_providers (
	account TEXT NOT NULL REFERENCES accounts (id),
	url TEXT NOT NULL,
	details TEXT NOT NULL,
	created BIGINT NOT NULL,
	PRIMARY KEY (account, url)
);
