-- The queue in full (Resolution 1393, clauses 3, 9, 11, 13, 24, 34): rules of a checkpoint by version, the three queues, lanes,
-- slots, and what a booking went through.

-- The rules of a checkpoint. Version 1 is the hub's own default and is not stored. A row never changes: a new decision is a new
-- version.
CREATE TABLE checkpoint_rules (
    checkpoint text NOT NULL REFERENCES checkpoints (checkpoint),
    version integer NOT NULL CHECK (version >= 2),
    applies_from timestamptz NOT NULL,
    decision_reference text NOT NULL CHECK (length(decision_reference) BETWEEN 1 AND 100),
    decided_on date NOT NULL,
    rules jsonb NOT NULL,
    put_by uuid NOT NULL REFERENCES systems (id),
    put_at timestamptz NOT NULL,
    PRIMARY KEY (checkpoint, version)
);

ALTER TABLE bookings
    DROP CONSTRAINT bookings_queue_check,
    ADD CONSTRAINT bookings_queue_check CHECK (queue IN ('pre_booked', 'live', 'priority')),
    -- The lane of its vehicle by the rules that it was booked under. 'all' is the one lane of the default rules.
    ADD COLUMN lane text NOT NULL DEFAULT 'all',
    ADD COLUMN priority_class text,
    ADD COLUMN slot_starts_at timestamptz,
    ADD COLUMN slot_ends_at timestamptz CHECK (slot_ends_at > slot_starts_at),
    ADD COLUMN zone text,
    ADD COLUMN vehicle jsonb,
    ADD COLUMN data jsonb,
    -- Since when it stands in its queue: its booking, or the moment when it was put back.
    ADD COLUMN queued_at timestamptz,
    ADD COLUMN ended_at timestamptz,
    ADD COLUMN ended_by text CHECK (ended_by IN ('cancelled', 'no_show_at_zone', 'no_show_at_checkpoint')),
    ADD CHECK ((queue = 'pre_booked') = (slot_starts_at IS NOT NULL)),
    ADD CHECK ((slot_starts_at IS NULL) = (slot_ends_at IS NULL)),
    ADD CHECK ((queue = 'priority') = (priority_class IS NOT NULL)),
    ADD CHECK ((ended_at IS NULL) = (ended_by IS NULL));
UPDATE bookings SET queued_at = booked_at;
ALTER TABLE bookings ALTER COLUMN queued_at SET NOT NULL;
