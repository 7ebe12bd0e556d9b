-- What changed at a checkpoint by position of its journal (Resolution 1393, clause 23). Events and calls hold their own position;
-- what draws one and holds it nowhere else leaves a row here. A position without any row is a change that nobody named.

CREATE TABLE journal_changes (
    checkpoint text NOT NULL REFERENCES checkpoints (checkpoint),
    position bigint NOT NULL CHECK (position > 0),
    kind text NOT NULL CHECK (kind IN ('booked', 'placed')),
    booking_id uuid,
    changed_at timestamptz NOT NULL,
    PRIMARY KEY (checkpoint, position)
);
COMMENT ON COLUMN journal_changes.booking_id IS 'The booking that it is about, if it is about one.';
