-- The time within which a ticket is to be assigned, and the official who is responsible for it then (Order 926, section III, clauses 9,
-- 10 and 12).

ALTER TABLE tickets ADD COLUMN assign_by timestamptz;
COMMENT ON COLUMN tickets.assign_by IS
    'While it is new: when it is to be assigned at the latest. Null: its table of handling times has no times of assignment, or it was assigned.';

ALTER TABLE tickets ADD COLUMN assigned_in_time boolean CHECK (assigned_in_time IS NULL OR taken_at IS NOT NULL);
COMMENT ON COLUMN tickets.assigned_in_time IS
    'Whether it was assigned in time, as it was worked out then; null while it is new, and where that is not measured.';

CREATE INDEX tickets_to_assign ON tickets (assign_by, id) WHERE status = 'new' AND assign_by IS NOT NULL;
COMMENT ON INDEX tickets_to_assign IS 'The daily control: what was not assigned in time.';

ALTER TABLE ticket_acts
    ADD COLUMN official_name text CHECK (length(official_name) BETWEEN 1 AND 200),
    ADD COLUMN official_position text CHECK (length(official_position) BETWEEN 1 AND 200),
    ADD CONSTRAINT ticket_acts_official_check CHECK ((official_name IS NULL) = (official_position IS NULL)),
    ADD CONSTRAINT ticket_acts_names_by_move CHECK (official_name IS NULL OR act = 'moved');
COMMENT ON COLUMN ticket_acts.official_name IS 'Who is responsible for the ticket from this move on: personal data.';
COMMENT ON COLUMN ticket_acts.official_position IS 'Their position: personal data.';
