-- What changed at a checkpoint by position of its journal (Resolution 1393, clause 23). Events, calls, changes of bookings,
-- absences, warnings and pauses hold their own position; what draws one and holds it nowhere else leaves a row here. A position
-- without any row is a change that nobody named.

CREATE TABLE journal_changes (
    checkpoint text NOT NULL REFERENCES checkpoints (checkpoint),
    position bigint NOT NULL CHECK (position > 0),
    kind text NOT NULL CHECK (kind IN ('booked', 'placed')),
    booking_id uuid,
    changed_at timestamptz NOT NULL,
    PRIMARY KEY (checkpoint, position)
);
COMMENT ON COLUMN journal_changes.booking_id IS 'The booking that it is about, if it is about one.';

CREATE UNIQUE INDEX absences_taken_back ON absences (checkpoint, taken_back_position) WHERE taken_back_position IS NOT NULL;
COMMENT ON INDEX absences_taken_back IS 'The feed of a queue: absences that were taken back since a position.';

CREATE UNIQUE INDEX pauses_by_position ON pauses (checkpoint, position);
COMMENT ON INDEX pauses_by_position IS 'The feed of a queue: pauses since a position.';

CREATE UNIQUE INDEX pauses_by_end ON pauses (checkpoint, end_position) WHERE end_position IS NOT NULL;
COMMENT ON INDEX pauses_by_end IS 'The feed of a queue: pauses that were ended since a position.';
