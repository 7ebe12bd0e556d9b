DROP INDEX tickets_to_tell;
DROP INDEX tickets_user_wrote;
DROP INDEX tickets_by_registration;
ALTER TABLE tickets DROP COLUMN in_time;
