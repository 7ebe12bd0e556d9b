-- Continuity permits: a departure office's request, its decision, the permit, its uses (Order 926, section IV).

-- The last permit of each day, by the calendar of Kyiv. Its row is locked until the commit: numbers have no gaps.
CREATE TABLE permit_numbers (
    day date PRIMARY KEY,
    last_number integer NOT NULL CHECK (last_number >= 1)
);

-- A request and, once it is granted, its permit: one row, so that the laws of a permit are constraints.
CREATE TABLE permit_requests (
    id uuid PRIMARY KEY,
    ticket_id uuid NOT NULL UNIQUE REFERENCES tickets (id),
    asks text NOT NULL CHECK (asks IN ('solve', 'procedure')),
    state text NOT NULL CHECK (state IN ('open', 'confirmed', 'permitted', 'refused', 'closed')),
    office text NOT NULL CHECK (office ~ '^[A-Z]{2}[A-Z0-9]{6}$'),
    trader_name text NOT NULL CHECK (length(trader_name) BETWEEN 1 AND 200),
    trader_edrpou text NOT NULL CHECK (trader_edrpou ~ '^[0-9]{8}$'),
    trader_contact jsonb NOT NULL CHECK (jsonb_typeof(trader_contact) = 'object'),
    systems text[] NOT NULL CHECK (
        cardinality(systems) >= 1
        AND systems <@ ARRAY['ets', 'guarantee_management', 'customs_information', 'declarant_link']),
    began_at timestamptz NOT NULL,
    agreed_until timestamptz NOT NULL CHECK (agreed_until > began_at),
    checks text NOT NULL CHECK (length(checks) BETWEEN 1 AND 2000),
    seen_by_office boolean NOT NULL,
    filed_by uuid NOT NULL REFERENCES systems (id),
    received_at timestamptz NOT NULL,
    -- Four hours by the clock, whatever the time zone of the session makes of an hour.
    decide_by timestamptz NOT NULL CHECK (decide_by = received_at + interval '4 hours'),
    decided_at timestamptz CHECK (decided_at >= received_at),
    decided_by uuid REFERENCES systems (id),
    decision_reason text CHECK (length(decision_reason) BETWEEN 1 AND 2000),
    refusal_ground text CHECK (refusal_ground IN ('not_confirmed', 'solved')),
    office_told_at timestamptz CHECK (office_told_at >= decided_at),
    trader_told_at timestamptz CHECK (trader_told_at >= decided_at),
    permit_number text UNIQUE CHECK (permit_number ~ '^UA-BCP-[0-9]{8}-[0-9]{4}-[0-9]{3,6}-[0-9]$'),
    outage_id uuid REFERENCES outages (id),
    continues text REFERENCES permit_requests (permit_number),
    valid_from timestamptz,
    valid_until timestamptz CHECK (valid_until = valid_from + interval '24 hours'),
    raised_fallback boolean NOT NULL DEFAULT false,
    warned_at timestamptz,
    expiry_noted_at timestamptz CHECK (expiry_noted_at >= valid_until),
    revoked_at timestamptz,
    revoked_because text CHECK (length(revoked_because) BETWEEN 1 AND 2000),
    not_used_because text CHECK (length(not_used_because) BETWEEN 1 AND 2000),
    closed_at timestamptz,
    CHECK ((state = 'open') = (decided_at IS NULL)),
    CHECK ((decided_at IS NULL) = (decided_by IS NULL)),
    CHECK ((decided_at IS NULL) = (decision_reason IS NULL)),
    CHECK (state <> 'refused' OR refusal_ground IS NOT NULL),
    CHECK ((state = 'closed') = (closed_at IS NOT NULL)),
    CHECK (state <> 'permitted' OR permit_number IS NOT NULL),
    CHECK (permit_number IS NULL OR (asks = 'procedure' AND refusal_ground IS NULL)),
    -- A permit is valid from the later of the two tellings, and never before.
    CHECK ((valid_from IS NULL) = (valid_until IS NULL)),
    CHECK (valid_from IS NULL OR permit_number IS NOT NULL),
    CHECK (valid_from IS NULL OR (
        office_told_at IS NOT NULL AND trader_told_at IS NOT NULL
        AND valid_from = greatest(office_told_at, trader_told_at))),
    CHECK ((revoked_at IS NULL) = (revoked_because IS NULL)),
    CHECK (revoked_at IS NULL OR permit_number IS NOT NULL),
    CHECK (not_used_because IS NULL OR permit_number IS NOT NULL)
);
COMMENT ON COLUMN permit_requests.trader_contact IS 'Whom to tell there and how: personal data.';
COMMENT ON COLUMN permit_requests.decide_by IS 'Until when line 2 decides: 4 hours from receipt, by the clock.';
COMMENT ON COLUMN permit_requests.continues IS 'The permit before this one: there is no extension, only a new permit.';
COMMENT ON COLUMN permit_requests.raised_fallback IS 'Whether the Fallback flag of the outage was raised for this permit.';
COMMENT ON COLUMN permit_requests.expiry_noted_at IS
    'When the hub told that it had expired. It expires by the clock, whether that was told or not.';

CREATE UNIQUE INDEX permit_requests_open_once ON permit_requests (office, trader_edrpou, asks) WHERE state = 'open';
COMMENT ON INDEX permit_requests_open_once IS 'Refuses the same request for one incident twice, also at the same moment.';

CREATE INDEX permit_requests_undecided ON permit_requests (decide_by, id) WHERE state = 'open';
COMMENT ON INDEX permit_requests_undecided IS 'What line 2 is to decide, the next first.';

CREATE INDEX permit_requests_in_order ON permit_requests (decide_by, id);
COMMENT ON INDEX permit_requests_in_order IS 'The list of requests of the lines.';

CREATE INDEX permit_requests_of_system ON permit_requests (filed_by, decide_by, id);
COMMENT ON INDEX permit_requests_of_system IS 'The requests that a departure office''s system filed.';

CREATE INDEX permit_requests_of_trader ON permit_requests (trader_edrpou, decide_by, id);
COMMENT ON INDEX permit_requests_of_trader IS 'The requests for a trader; whether one stands for an incident already.';

CREATE INDEX permit_requests_of_outage ON permit_requests (outage_id) WHERE outage_id IS NOT NULL;
COMMENT ON INDEX permit_requests_of_outage IS 'Whether another permit rests on the same outage, when one ends.';

CREATE INDEX permit_requests_running ON permit_requests (valid_until)
    WHERE valid_until IS NOT NULL AND revoked_at IS NULL AND closed_at IS NULL AND expiry_noted_at IS NULL;
COMMENT ON INDEX permit_requests_running IS 'What the timer has to warn of or to tell the end of.';

-- Under a permit an office registers paper declarations in a series of its own: no MRN is allocated to them.
CREATE TABLE permit_uses (
    request_id uuid NOT NULL REFERENCES permit_requests (id),
    registration_number text NOT NULL CHECK (
        length(registration_number) BETWEEN 1 AND 35 AND registration_number !~ '^[0-9]{2}[A-Z]{2}[A-Z0-9]{13}[0-9]$'),
    released_on date NOT NULL,
    reported_at timestamptz NOT NULL,
    reported_by uuid NOT NULL REFERENCES systems (id),
    PRIMARY KEY (request_id, registration_number)
);

-- Transit data that is withdrawn from NCTS, because nothing runs in both worlds.
CREATE TABLE permit_withdrawals (
    request_id uuid NOT NULL REFERENCES permit_requests (id),
    kind text NOT NULL CHECK (kind IN ('lrn', 'mrn')),
    number text NOT NULL CHECK (length(number) BETWEEN 1 AND 22),
    stated_by uuid NOT NULL REFERENCES systems (id),
    withdrawn_at timestamptz,
    PRIMARY KEY (request_id, kind, number)
);
COMMENT ON COLUMN permit_withdrawals.withdrawn_at IS 'Null: it must still be withdrawn.';

-- Permits that were given as documents of a crossing, which is also its booking.
CREATE TABLE crossing_permits (
    checkpoint text NOT NULL,
    crossing_id uuid NOT NULL,
    permit_number text NOT NULL REFERENCES permit_requests (permit_number),
    position bigint NOT NULL CHECK (position >= 1),
    stated_at timestamptz NOT NULL,
    stated_by uuid NOT NULL REFERENCES systems (id),
    PRIMARY KEY (checkpoint, crossing_id, permit_number),
    FOREIGN KEY (checkpoint, crossing_id) REFERENCES crossings (checkpoint, id)
);
COMMENT ON COLUMN crossing_permits.position IS 'Its place in the journal of the checkpoint.';
