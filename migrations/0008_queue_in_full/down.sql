ALTER TABLE bookings
    DROP CONSTRAINT bookings_queue_check,
    DROP COLUMN lane,
    DROP COLUMN priority_class,
    DROP COLUMN slot_starts_at,
    DROP COLUMN slot_ends_at,
    DROP COLUMN zone,
    DROP COLUMN vehicle,
    DROP COLUMN data,
    DROP COLUMN queued_at,
    DROP COLUMN ended_at,
    DROP COLUMN ended_by;
ALTER TABLE bookings ADD CONSTRAINT bookings_queue_check CHECK (queue IN ('live'));
DROP TABLE checkpoint_rules;
