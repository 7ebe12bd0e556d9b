-- The predicted entry of each waiting vehicle (Resolution 1393, clauses 13, 25, 34): what was announced, and what it rested on.
-- A prediction is no fact about a checkpoint: it draws no position of the journal and takes no lock of it.

-- The last time that the entries of a checkpoint were worked out. Whoever does so locks its row.
CREATE TABLE prediction_runs (
    checkpoint text PRIMARY KEY REFERENCES checkpoints (checkpoint),
    number bigint NOT NULL DEFAULT 0 CHECK (number >= 0),
    journal_position bigint,
    as_of timestamptz
);
COMMENT ON COLUMN prediction_runs.number IS
    'Grows when something that a reader sees has changed: the entity tag of all that shows predictions.';
COMMENT ON COLUMN prediction_runs.journal_position IS 'The position of the journal up to which facts were taken into account.';

CREATE TABLE lane_predictions (
    checkpoint text NOT NULL REFERENCES prediction_runs (checkpoint),
    lane text NOT NULL,
    state text NOT NULL CHECK (state IN ('known', 'paused', 'closed', 'not_measured')),
    source text CHECK (source IN ('rules', 'measured', 'rules_and_measured')),
    since timestamptz NOT NULL,
    PRIMARY KEY (checkpoint, lane),
    CHECK ((state = 'known') = (source IS NOT NULL))
);
COMMENT ON COLUMN lane_predictions.since IS 'Since when it is so.';

-- What a driver was told. A row never changes but in that a later one takes its place.
CREATE TABLE announcements (
    checkpoint text NOT NULL,
    booking_id uuid NOT NULL,
    number integer NOT NULL CHECK (number >= 1),
    stands boolean NOT NULL,
    lane text NOT NULL,
    queue text NOT NULL CHECK (queue IN ('pre_booked', 'live', 'priority')),
    place integer NOT NULL CHECK (place >= 1),
    announced_at timestamptz NOT NULL,
    p50 timestamptz NOT NULL,
    p80 timestamptz NOT NULL CHECK (p80 >= p50),
    p90 timestamptz NOT NULL CHECK (p90 >= p80),
    horizon text NOT NULL CHECK (horizon IN ('0-3', '3-12', '12-24', '24-48', '48+')),
    forecast_hours double precision NOT NULL CHECK (forecast_hours >= 0),
    source text NOT NULL CHECK (source IN ('rules', 'measured', 'rules_and_measured')),
    basis text NOT NULL CHECK (basis IN ('queue', 'horizon', 'all', 'assumed')),
    journal_position bigint NOT NULL,
    rules_version integer NOT NULL,
    PRIMARY KEY (checkpoint, booking_id, number),
    FOREIGN KEY (checkpoint, booking_id) REFERENCES bookings (checkpoint, id)
);
COMMENT ON COLUMN announcements.stands IS 'Whether it is what holds for a vehicle that still waits.';
COMMENT ON COLUMN announcements.forecast_hours IS
    'The ranking worked forward, before any correction, in hours: what residuals are taken from.';

CREATE UNIQUE INDEX announcements_standing ON announcements (checkpoint, booking_id) WHERE stands;
COMMENT ON INDEX announcements_standing IS 'What holds for each vehicle that waits, at most one each.';

CREATE INDEX announcements_by_time ON announcements (checkpoint, announced_at);
COMMENT ON INDEX announcements_by_time IS 'The announcements of a period, for residuals and accuracy.';

CREATE INDEX bookings_by_time ON bookings (checkpoint, booked_at);
COMMENT ON INDEX bookings_by_time IS 'The bookings of the last weeks, from which rates are counted.';
