-- A ticket is closed by itself 10 days after its user was told the result and did not object (Order 926, section III, clause 9, item 6). What the
-- user wrote may be an objection, so what they were told before it counts for nothing: they are told again, or the ticket is moved.

ALTER TABLE tickets ADD COLUMN user_last_wrote_at timestamptz;
COMMENT ON COLUMN tickets.user_last_wrote_at IS
    'When a message of the user was last put to the ticket. The 10 days do not run from what the user was told before.';

UPDATE tickets SET user_last_wrote_at = user_wrote_at, closes_at = NULL WHERE user_wrote_at IS NOT NULL;
