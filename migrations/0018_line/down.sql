DROP TRIGGER bookings_stand_in_line ON bookings;
DROP FUNCTION stand_as_booked();
DROP INDEX crossings_in_line;
CREATE INDEX crossings_awaiting_entry ON crossings (checkpoint, booked_at, id) WHERE awaits_entry;
COMMENT ON INDEX crossings_awaiting_entry IS 'The waiting queue in its order.';
ALTER TABLE crossings
    DROP CONSTRAINT crossings_waits_check,
    DROP COLUMN waits,
    DROP COLUMN queued_at,
    DROP COLUMN slot_ends_at,
    DROP COLUMN slot_starts_at,
    DROP COLUMN priority_class,
    DROP COLUMN queue,
    DROP COLUMN lane;
