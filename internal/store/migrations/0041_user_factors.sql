-- Second factors that a user has set up, sealed.
ALTER TABLE users ADD COLUMN factors BYTEA;
