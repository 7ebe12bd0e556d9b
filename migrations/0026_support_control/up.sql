-- What line 1 watches each day, and what it reports (Order 926, section III, clause 2, items 7 to 9).

ALTER TABLE tickets ADD COLUMN in_time boolean;
COMMENT ON COLUMN tickets.in_time IS 'Whether it was resolved by its deadline each time, as it was worked out then; null until it is resolved first.';

CREATE INDEX tickets_by_registration ON tickets (registered_at);
COMMENT ON INDEX tickets_by_registration IS 'The figures of a period.';

CREATE INDEX tickets_user_wrote ON tickets (user_wrote_at, id) WHERE user_wrote_at IS NOT NULL;
COMMENT ON INDEX tickets_user_wrote IS 'The daily control: whose message waits.';

CREATE INDEX tickets_to_tell ON tickets (registered_at, id) WHERE status = 'resolved' AND closes_at IS NULL;
COMMENT ON INDEX tickets_to_tell IS 'The daily control: who was not told the result.';
