-- Who is in which group. A group is meant by its id: one that is made anew
-- under an old name begins without members.
ALTER TABLE user_pool_groups ADD COLUMN id TEXT NOT NULL DEFAULT '';
UPDATE user_pool_groups SET id = name;
CREATE INDEX user_pool_groups_id ON user_pool_groups (pool_id, id);

CREATE TABLE user_group_members (
	pool_id TEXT NOT NULL,
	group_id TEXT NOT NULL,
	sub TEXT NOT NULL,
	region TEXT NOT NULL,
	PRIMARY KEY (pool_id, group_id, sub)
);
CREATE INDEX user_group_members_sub ON user_group_members (pool_id, sub, group_id);

-- Groups that were deleted and whose members are still being removed.
CREATE TABLE user_group_leftovers (
	pool_id TEXT NOT NULL,
	group_id TEXT NOT NULL,
	PRIMARY KEY (pool_id, group_id)
);

-- False for users who are surely in no group: a sign-in need not look.
ALTER TABLE users ADD COLUMN grouped BOOLEAN NOT NULL DEFAULT FALSE;

-- The address that a code proves, where it is to replace the one in force.
ALTER TABLE user_codes ADD COLUMN pending TEXT NOT NULL DEFAULT '';
