-- What principals, by unique id, last did with which service: what access
-- advisor tells. The action is empty for services of others.
CREATE TABLE iam_service_use (
	account TEXT NOT NULL,
	principal TEXT NOT NULL,
	service TEXT NOT NULL,
	action TEXT NOT NULL,
	used BIGINT NOT NULL,
	region TEXT NOT NULL,
	PRIMARY KEY (account, principal, service, action)
);
CREATE INDEX iam_service_use_age ON iam_service_use (used);

-- Reports of access advisor that were asked for, one for each thing that they
-- can be about: the same question has the same id every time.
CREATE TABLE iam_access_jobs (
	account TEXT NOT NULL,
	arn TEXT NOT NULL,
	granularity TEXT NOT NULL,
	id TEXT NOT NULL,
	created BIGINT NOT NULL,
	PRIMARY KEY (account, arn, granularity)
);
CREATE UNIQUE INDEX iam_access_jobs_id ON iam_access_jobs (account, id);

CREATE TABLE iam_credential_reports (
	account TEXT NOT NULL PRIMARY KEY,
	content TEXT NOT NULL,
	generated BIGINT NOT NULL
);
