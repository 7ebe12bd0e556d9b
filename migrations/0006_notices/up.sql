-- Notices of outages, written in the transaction that changes the outage, and their way to each recipient
-- (Order 926, clauses 16 and 17 of section III).

-- Every notice draws its place in the feed under the lock of this one row, which is held until the commit: places are without
-- gaps and in the order of commits, so a reader that has seen 8 will never miss a 7.
CREATE TABLE notice_journal (
    only_row boolean PRIMARY KEY DEFAULT true CHECK (only_row),
    last_position bigint NOT NULL
);
INSERT INTO notice_journal (last_position) VALUES (0);

CREATE TABLE notices (
    id uuid PRIMARY KEY,
    position bigint NOT NULL CHECK (position >= 1),
    outage_id uuid NOT NULL REFERENCES outages (id),
    number integer NOT NULL CHECK (number >= 1),
    kind text NOT NULL CHECK (kind IN ('declared', 'changed', 'recovered', 'cancelled')),
    told jsonb NOT NULL,
    created_at timestamptz NOT NULL,
    caused_by uuid NOT NULL REFERENCES systems (id)
);
COMMENT ON COLUMN notices.number IS 'Counts the notices of an outage: the version of the outage that it tells of.';
COMMENT ON COLUMN notices.told IS 'The whole outage as told. It never changes, so what a recipient knows can be worked out again.';
COMMENT ON COLUMN notices.caused_by IS 'The system that declared or changed the outage.';

CREATE UNIQUE INDEX notices_in_order ON notices (position);
COMMENT ON INDEX notices_in_order IS 'The feed of notices after a position.';

CREATE UNIQUE INDEX notices_of_outage ON notices (outage_id, number);
COMMENT ON INDEX notices_of_outage IS 'The history of an outage; two notices never share a number.';

-- The lane of an outage to a recipient. Whoever delivers locks its row, so that a later notice never overtakes an earlier one.
CREATE TABLE notice_lanes (
    recipient text NOT NULL CHECK (recipient IN ('taxud', 'press_office')),
    outage_id uuid NOT NULL REFERENCES outages (id),
    PRIMARY KEY (recipient, outage_id)
);

CREATE TABLE notice_deliveries (
    recipient text NOT NULL,
    outage_id uuid NOT NULL,
    number integer NOT NULL,
    state text NOT NULL CHECK (state IN ('pending', 'delivered', 'failed')),
    attempts integer NOT NULL DEFAULT 0 CHECK (attempts >= 0),
    due_at timestamptz NOT NULL,
    settled_at timestamptz,
    PRIMARY KEY (recipient, outage_id, number),
    FOREIGN KEY (recipient, outage_id) REFERENCES notice_lanes (recipient, outage_id),
    FOREIGN KEY (outage_id, number) REFERENCES notices (outage_id, number),
    CHECK ((state = 'pending') = (settled_at IS NULL)),
    CHECK (state = 'pending' OR attempts >= 1)
);
COMMENT ON COLUMN notice_deliveries.due_at IS 'When a pending delivery is tried next, if no earlier one of its lane is pending.';

CREATE INDEX notice_deliveries_due ON notice_deliveries (recipient, due_at) WHERE state = 'pending';
COMMENT ON INDEX notice_deliveries_due IS 'What a recipient is owed now, and when the next is due.';

CREATE INDEX notice_deliveries_failed ON notice_deliveries (recipient) WHERE state = 'failed';
COMMENT ON INDEX notice_deliveries_failed IS 'The count of refused deliveries, for the alarm.';

CREATE TABLE delivery_attempts (
    recipient text NOT NULL,
    outage_id uuid NOT NULL,
    number integer NOT NULL,
    attempt integer NOT NULL CHECK (attempt >= 1),
    at timestamptz NOT NULL,
    outcome text NOT NULL CHECK (outcome IN ('delivered', 'transient_fault', 'permanent_fault')),
    detail text NOT NULL CHECK (length(detail) <= 500),
    duration_ms integer NOT NULL CHECK (duration_ms >= 0),
    PRIMARY KEY (recipient, outage_id, number, attempt),
    FOREIGN KEY (recipient, outage_id, number) REFERENCES notice_deliveries (recipient, outage_id, number)
);
COMMENT ON COLUMN delivery_attempts.detail IS 'What the recipient or the way to it said; never a secret.';
