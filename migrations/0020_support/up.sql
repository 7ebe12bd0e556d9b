-- Tickets of the transit support service (Order 926, sections II and III).

-- The last registration number of each year, by the calendar of Kyiv. Its row is locked until the commit: numbers have no gaps.
CREATE TABLE ticket_numbers (
    year integer PRIMARY KEY CHECK (year BETWEEN 2000 AND 2199),
    last_number bigint NOT NULL CHECK (last_number >= 1)
);

CREATE TABLE tickets (
    id uuid PRIMARY KEY,
    version integer NOT NULL CHECK (version >= 1),
    registration_number text NOT NULL UNIQUE CHECK (registration_number ~ '^[0-9]{4}-[0-9]{6,}$'),
    kind text NOT NULL CHECK (kind IN ('incident', 'consultation')),
    channel text NOT NULL CHECK (channel IN ('web_module', 'email', 'telephone')),
    status text NOT NULL CHECK (status IN ('new', 'in_progress', 'extended', 'deferred', 'resolved', 'closed')),
    line text NOT NULL CHECK (line IN ('line_1', 'line_2', 'line_3')),
    priority text NOT NULL CHECK (priority IN ('critical', 'high', 'normal', 'low')),
    received_at timestamptz NOT NULL,
    registered_at timestamptz NOT NULL CHECK (registered_at >= received_at),
    taken_at timestamptz CHECK (taken_at >= registered_at),
    due_at timestamptz NOT NULL,
    closes_at timestamptz,
    handling_version integer NOT NULL,
    filed_by uuid NOT NULL REFERENCES systems (id),
    edrpou text CHECK (edrpou ~ '^[0-9]{8}$'),
    contact jsonb NOT NULL CHECK (jsonb_typeof(contact) = 'object'),
    substance text NOT NULL CHECK (length(substance) BETWEEN 1 AND 10000),
    recording_reference text CHECK (length(recording_reference) BETWEEN 1 AND 200),
    recording_kept_until timestamptz,
    idempotency_key text CHECK (length(idempotency_key) BETWEEN 1 AND 128),
    content_digest bytea NOT NULL CHECK (length(content_digest) = 32),
    CHECK ((channel = 'telephone') = (recording_reference IS NOT NULL)),
    CHECK ((recording_reference IS NULL) = (recording_kept_until IS NULL)),
    -- 1,095 days, whatever the time zone of the session makes of a day.
    CHECK (recording_kept_until >= received_at + interval '26280 hours'),
    CHECK ((status = 'new') = (taken_at IS NULL)),
    CHECK (closes_at IS NULL OR status = 'resolved')
);
COMMENT ON COLUMN tickets.version IS 'The number of the last act; the ETag.';
COMMENT ON COLUMN tickets.taken_at IS 'When it was in progress for the first time.';
COMMENT ON COLUMN tickets.due_at IS
    'The earliest deadline of a clock that runs; infinity while none does. Worked out from the acts at each of them, for the lists.';
COMMENT ON COLUMN tickets.closes_at IS 'When it is closed by itself: 10 days after the user was told the result.';
COMMENT ON COLUMN tickets.edrpou IS 'The code in the contact of a legal entity: its own systems see the ticket.';
COMMENT ON COLUMN tickets.contact IS 'Who asks and how to reach them: personal data, as it was checked at registration.';
COMMENT ON COLUMN tickets.idempotency_key IS 'The key that its sender gave the registration; the same again is the same ticket.';

CREATE UNIQUE INDEX tickets_by_idempotency_key ON tickets (filed_by, idempotency_key);
COMMENT ON INDEX tickets_by_idempotency_key IS 'Recognises a registration that is sent again.';

CREATE INDEX tickets_open ON tickets (due_at, id) WHERE status IN ('new', 'in_progress', 'extended', 'deferred');
COMMENT ON INDEX tickets_open IS 'Line 1''s list of what is due, overdue or waiting.';

CREATE INDEX tickets_open_of_line ON tickets (line, due_at, id)
    WHERE status IN ('new', 'in_progress', 'extended', 'deferred');
COMMENT ON INDEX tickets_open_of_line IS 'The list of what is due, overdue or waiting at one line.';

CREATE INDEX tickets_to_close ON tickets (closes_at) WHERE closes_at IS NOT NULL;
COMMENT ON INDEX tickets_to_close IS 'What is to be closed by itself by now.';

CREATE INDEX tickets_of_system ON tickets (filed_by, due_at, id);
COMMENT ON INDEX tickets_of_system IS 'The tickets that a trader''s or an office''s system filed.';

CREATE INDEX tickets_of_legal_entity ON tickets (edrpou, due_at, id);
COMMENT ON INDEX tickets_of_legal_entity IS 'The tickets of a legal entity, also those that line 1 entered for it.';

-- Everything that was done with a ticket, by whom and when. Appended, never changed.
CREATE TABLE ticket_acts (
    ticket_id uuid NOT NULL REFERENCES tickets (id),
    number integer NOT NULL CHECK (number >= 1),
    at timestamptz NOT NULL,
    act text NOT NULL CHECK (act IN ('registered', 'moved', 'prioritised', 'extended', 'told')),
    status text NOT NULL CHECK (status IN ('new', 'in_progress', 'extended', 'deferred', 'resolved', 'closed')),
    line text NOT NULL CHECK (line IN ('line_1', 'line_2', 'line_3')),
    priority text NOT NULL CHECK (priority IN ('critical', 'high', 'normal', 'low')),
    by_system uuid REFERENCES systems (id),
    by_line text CHECK (by_line IN ('line_1', 'line_2', 'line_3')),
    reason text CHECK (length(reason) BETWEEN 1 AND 2000),
    ground text CHECK (ground IN ('information_from_user', 'software_change', 'contractor_involved')),
    extended_until timestamptz,
    told text CHECK (told IN ('registration', 'extension', 'result')),
    PRIMARY KEY (ticket_id, number),
    CHECK ((act = 'extended') = (ground IS NOT NULL)),
    CHECK ((ground IS NULL) = (extended_until IS NULL)),
    CHECK ((act = 'told') = (told IS NOT NULL))
);
COMMENT ON COLUMN ticket_acts.status IS 'Where the ticket stood after the act; line and priority likewise.';
COMMENT ON COLUMN ticket_acts.by_system IS 'Who did it; null: the hub by itself.';
COMMENT ON COLUMN ticket_acts.by_line IS 'For which line; null: for the user, or the hub by itself.';

CREATE INDEX ticket_acts_of_line ON ticket_acts (line, ticket_id);
COMMENT ON INDEX ticket_acts_of_line IS 'Whether a line has or had a ticket.';

CREATE FUNCTION refuse_change_of_act() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'what was done with a ticket is not changed';
END
$$;
CREATE TRIGGER ticket_acts_stay BEFORE UPDATE OR DELETE ON ticket_acts
    FOR EACH ROW EXECUTE FUNCTION refuse_change_of_act();
