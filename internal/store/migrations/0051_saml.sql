-- SAML providers of accounts. The document is the provider's metadata, details
-- are what is small.
CREATE TABLE iam_saml_providers (
	account TEXT NOT NULL REFERENCES accounts (id),
	name TEXT NOT NULL,
	document TEXT NOT NULL,
	details TEXT NOT NULL,
	created BIGINT NOT NULL,
	PRIMARY KEY (account, name)
);

-- Assertions that have given somebody a role, until they would be too old in
-- any case.
CREATE TABLE saml_assertions (
	account TEXT NOT NULL,
	provider TEXT NOT NULL,
	assertion TEXT NOT NULL,
	role TEXT NOT NULL,
	expires BIGINT NOT NULL,
	PRIMARY KEY (account, provider, assertion, role)
);
CREATE INDEX saml_assertions_expires ON saml_assertions (account, expires);
