-- A vehicle whose slot was moved, or that took a booking over, is told once more that its call nears (Resolution 1393, clause 13).

ALTER TABLE call_warnings ADD COLUMN superseded_at timestamptz;
COMMENT ON COLUMN call_warnings.superseded_at IS 'When it held no more: the booking got another slot or another vehicle, which is told anew.';

ALTER TABLE call_warnings DROP CONSTRAINT call_warnings_pkey;
DROP INDEX call_warnings_by_position;
ALTER TABLE call_warnings ADD PRIMARY KEY (checkpoint, position);

CREATE UNIQUE INDEX call_warnings_standing ON call_warnings (checkpoint, booking_id, queued_at) WHERE superseded_at IS NULL;
COMMENT ON INDEX call_warnings_standing IS 'Whether a vehicle was told, for the queue and its holder: once for each time that it stands.';
