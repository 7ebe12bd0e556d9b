-- Who read personal data, when, which records, and on which legal basis (Resolution 1393, clause 23; Order 926, section III).

CREATE TABLE access_log (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    read_at timestamptz NOT NULL,
    system_id uuid NOT NULL,
    operation text NOT NULL,
    purpose text NOT NULL CHECK (length(purpose) BETWEEN 3 AND 200),
    checkpoint text,
    records uuid[] NOT NULL,
    first_position bigint,
    last_position bigint,
    request_id uuid NOT NULL
);
COMMENT ON COLUMN access_log.records IS 'The crossings or bookings whose data was shown.';

COMMENT ON COLUMN access_log.first_position IS
    'Where the stretch of the checkpoint''s journal begins that was shown, when events were: also those of no crossing.';
COMMENT ON COLUMN access_log.last_position IS 'Where that stretch ends.';

CREATE INDEX access_log_by_time ON access_log USING brin (read_at);
COMMENT ON INDEX access_log_by_time IS 'An inspection of a period.';

CREATE INDEX access_log_by_record ON access_log USING gin (records);
COMMENT ON INDEX access_log_by_record IS 'Who has seen this vehicle or person.';

-- What was read stays read.
CREATE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'the access log is not changed';
END
$$;
CREATE TRIGGER access_log_stays BEFORE UPDATE OR DELETE ON access_log
    FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER access_log_is_not_emptied BEFORE TRUNCATE ON access_log
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
