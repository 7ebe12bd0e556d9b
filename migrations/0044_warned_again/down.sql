DELETE FROM call_warnings WHERE superseded_at IS NOT NULL;
DROP INDEX call_warnings_standing;
ALTER TABLE call_warnings DROP CONSTRAINT call_warnings_pkey;
ALTER TABLE call_warnings ADD PRIMARY KEY (checkpoint, booking_id, queued_at);
CREATE UNIQUE INDEX call_warnings_by_position ON call_warnings (checkpoint, position);
COMMENT ON INDEX call_warnings_by_position IS 'The warnings of a checkpoint since a position of its journal.';
ALTER TABLE call_warnings DROP COLUMN superseded_at;
