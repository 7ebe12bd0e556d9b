ALTER TABLE tickets DROP COLUMN user_last_wrote_at;
