-- How a session was signed in to, where that was asked for: the level's name,
-- and the methods, separated by spaces.
ALTER TABLE refresh_sessions ADD COLUMN acr TEXT NOT NULL DEFAULT '';
ALTER TABLE refresh_sessions ADD COLUMN amr TEXT NOT NULL DEFAULT '';
