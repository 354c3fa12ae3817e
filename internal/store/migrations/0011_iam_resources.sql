-- Instance profiles are named like users, groups and roles.
CREATE TABLE iam_instance_profiles (
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

CREATE TABLE iam_instance_profile_roles (
	account TEXT NOT NULL,
	profile TEXT NOT NULL,
	role TEXT NOT NULL,
	PRIMARY KEY (account, profile, role),
	FOREIGN KEY (account, profile) REFERENCES iam_instance_profiles (account, id),
	FOREIGN KEY (account, role) REFERENCES iam_roles (account, id)
);
CREATE INDEX iam_instance_profile_roles_role ON iam_instance_profile_roles (account, role);

-- What an account has once: password policy and preferences.
CREATE TABLE iam_account_settings (
	account TEXT NOT NULL PRIMARY KEY REFERENCES accounts (id),
	details TEXT NOT NULL
);

-- An account has one alias at the most, and no two accounts have the same.
CREATE TABLE iam_account_aliases (
	account TEXT NOT NULL PRIMARY KEY REFERENCES accounts (id),
	alias TEXT NOT NULL UNIQUE
);

-- Passwords of IAM users. The document of hashes, newest first, is sealed.
CREATE TABLE iam_login_profiles (
	account TEXT NOT NULL,
	user_id TEXT NOT NULL,
	hashes BYTEA NOT NULL,
	reset_required BOOLEAN NOT NULL,
	created BIGINT NOT NULL,
	changed BIGINT NOT NULL,
	failures BIGINT NOT NULL,
	failed BIGINT NOT NULL,
	version BIGINT NOT NULL,
	PRIMARY KEY (account, user_id),
	FOREIGN KEY (account, user_id) REFERENCES iam_users (account, id)
);

-- Virtual MFA devices by path and name in lower case. An empty user_id is a
-- device that nobody uses. The seed is sealed.
CREATE TABLE iam_mfa_devices (
	account TEXT NOT NULL REFERENCES accounts (id),
	serial_key TEXT NOT NULL,
	name TEXT NOT NULL,
	path TEXT NOT NULL,
	user_id TEXT NOT NULL,
	seed BYTEA NOT NULL,
	details TEXT NOT NULL,
	created BIGINT NOT NULL,
	enabled BIGINT NOT NULL,
	drift BIGINT NOT NULL,
	last_step BIGINT NOT NULL,
	failures BIGINT NOT NULL,
	failed BIGINT NOT NULL,
	version BIGINT NOT NULL,
	PRIMARY KEY (account, serial_key)
);
CREATE INDEX iam_mfa_devices_user ON iam_mfa_devices (account, user_id);
