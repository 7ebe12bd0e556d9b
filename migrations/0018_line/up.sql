-- A crossing says by itself where its vehicle stands in line, so that who is next is found by an index, however long the line is.
ALTER TABLE crossings
    ADD COLUMN lane text,
    ADD COLUMN queue text,
    ADD COLUMN priority_class text,
    ADD COLUMN slot_starts_at timestamptz,
    ADD COLUMN slot_ends_at timestamptz,
    ADD COLUMN queued_at timestamptz,
    ADD COLUMN waits boolean NOT NULL DEFAULT false;

UPDATE crossings
SET lane = booking.lane, queue = booking.queue, priority_class = booking.priority_class,
    slot_starts_at = booking.slot_starts_at, slot_ends_at = booking.slot_ends_at, queued_at = booking.queued_at
FROM bookings AS booking
WHERE booking.checkpoint = crossings.checkpoint AND booking.id = crossings.id;

-- Once, for what is recorded already: when the latest fact of a kind happened, in microseconds since 1970.
CREATE FUNCTION pg_temp.last_fact_at(progress bytea, wanted integer) RETURNS bigint
LANGUAGE plpgsql IMMUTABLE STRICT AS $$
DECLARE
    at integer := 0;
    head integer;
BEGIN
    WHILE at < length(progress) LOOP
        head := get_byte(progress, at);
        IF head & 127 = wanted THEN
            RETURN ('x' || encode(substring(progress FROM at + 2 + 16 * (head >> 7) FOR 8), 'hex'))::bit(64)::bigint;
        END IF;
        at := at + 17 + 16 * (head >> 7);
    END LOOP;
    RETURN NULL;
END
$$;
UPDATE crossings SET waits = true
WHERE awaits_entry AND stage = 'zone_arrived'
  AND coalesce(pg_temp.last_fact_at(progress, 2) <= pg_temp.last_fact_at(progress, 1), true);
DROP FUNCTION pg_temp.last_fact_at(bytea, integer);

ALTER TABLE crossings
    ALTER COLUMN lane SET NOT NULL,
    ALTER COLUMN queue SET NOT NULL,
    ALTER COLUMN queued_at SET NOT NULL,
    ADD CONSTRAINT crossings_waits_check CHECK (awaits_entry OR NOT waits);
COMMENT ON COLUMN crossings.waits IS 'In a waiting zone and not called: it can be called in its turn.';
COMMENT ON COLUMN crossings.lane IS 'Where the vehicle stands, as its booking says (so also queue, priority_class, slot_starts_at, slot_ends_at, queued_at).';

DROP INDEX crossings_awaiting_entry;
CREATE INDEX crossings_in_line
    ON crossings (checkpoint, waits, lane, queue, coalesce(priority_class, ''), slot_starts_at, queued_at, id) WHERE awaits_entry;
COMMENT ON INDEX crossings_in_line IS 'The first of each queue and class of a lane, for a call; everyone who awaits entry, for a view.';

-- What a booking says of a place in line is copied by the database itself: no act can forget it.
CREATE FUNCTION stand_as_booked() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
    UPDATE crossings
    SET lane = NEW.lane, queue = NEW.queue, priority_class = NEW.priority_class,
        slot_starts_at = NEW.slot_starts_at, slot_ends_at = NEW.slot_ends_at, queued_at = NEW.queued_at
    WHERE checkpoint = NEW.checkpoint AND id = NEW.id;
    RETURN NULL;
END
$$;
CREATE TRIGGER bookings_stand_in_line
    AFTER UPDATE OF lane, queue, priority_class, slot_starts_at, slot_ends_at, queued_at ON bookings
    FOR EACH ROW EXECUTE FUNCTION stand_as_booked();
