-- Facts and what follows from them. The checkpoint comes first in every key: no statement on the hot path needs two.

-- The journal of a checkpoint. Whoever writes anything about a checkpoint locks its row first; positions are drawn under that
-- lock, so they are without gaps and in the order of commits, and a reader that has seen position 8 will never miss a 7.
CREATE TABLE checkpoint_journals (
    checkpoint text PRIMARY KEY REFERENCES checkpoints (checkpoint),
    last_position bigint NOT NULL DEFAULT 0,
    changed_at timestamptz
) WITH (fillfactor = 50);

-- What a source has said under which id, for as long as repeats are recognised. Apart from the events, because uniqueness does
-- not cross time partitions. A void that comes before its event leaves a row that only names the void.
CREATE TABLE event_keys (
    system_id uuid NOT NULL,
    event_id text NOT NULL CHECK (length(event_id) BETWEEN 1 AND 100),
    checkpoint text NOT NULL,
    position bigint,
    digest bytea CHECK (length(digest) = 32),
    voided_by bigint,
    PRIMARY KEY (system_id, event_id),
    CHECK ((position IS NULL) = (digest IS NULL)),
    CHECK (position IS NOT NULL OR voided_by IS NOT NULL)
);
COMMENT ON COLUMN event_keys.voided_by IS 'The position, at the same checkpoint, of the event that voids this one. A void at another checkpoint means nothing.';

CREATE TABLE checkpoint_events (
    checkpoint text NOT NULL,
    position bigint NOT NULL,
    system_id uuid NOT NULL,
    event_id text NOT NULL,
    kind text NOT NULL CHECK (kind IN (
        'zone-arrived', 'zone-left', 'checkpoint-entered', 'entry-refused',
        'border-control-started', 'border-control-finished', 'customs-control-started', 'customs-control-finished',
        'checkpoint-left', 'plate-read', 'void')),
    plate text,
    plate_written text,
    zone text,
    confidence real CHECK (confidence BETWEEN 0 AND 1),
    reason text CHECK (length(reason) <= 500),
    voids text,
    crossing_id uuid,
    occurred_at timestamptz NOT NULL,
    recorded_at timestamptz NOT NULL,
    PRIMARY KEY (checkpoint, position),
    CHECK ((kind = 'void') = (voids IS NOT NULL)),
    CHECK ((kind = 'void') = (plate IS NULL)),
    CHECK ((plate IS NULL) = (plate_written IS NULL))
);
COMMENT ON COLUMN checkpoint_events.crossing_id IS
    'The crossing that the fact was placed in: the only column that changes, when a later booking or a person places it. Null: unmatched.';

CREATE INDEX checkpoint_events_of_crossing ON checkpoint_events (checkpoint, crossing_id) WHERE crossing_id IS NOT NULL;
COMMENT ON INDEX checkpoint_events_of_crossing IS 'The facts of one crossing, to show it and to rebuild it.';

CREATE INDEX checkpoint_events_unmatched ON checkpoint_events (checkpoint, plate)
    WHERE crossing_id IS NULL AND plate IS NOT NULL;
COMMENT ON INDEX checkpoint_events_unmatched IS 'Unmatched facts: of a plate when it is booked, and of a checkpoint to be placed by hand.';

-- A crossing is a projection: it can be rebuilt from its booking, its call and its facts.
CREATE TABLE crossings (
    checkpoint text NOT NULL REFERENCES checkpoints (checkpoint),
    id uuid NOT NULL,
    plate text NOT NULL,
    plate_written text NOT NULL,
    booked_at timestamptz NOT NULL,
    called_at timestamptz,
    call_deadline_at timestamptz CHECK (call_deadline_at > called_at),
    progress bytea NOT NULL,
    stage text NOT NULL CHECK (stage IN (
        'booked', 'zone_arrived', 'called', 'zone_left', 'checkpoint_entered', 'controls', 'checkpoint_left')),
    awaits_entry boolean NOT NULL,
    contradictory boolean NOT NULL,
    changed_at timestamptz NOT NULL,
    PRIMARY KEY (checkpoint, id)
) WITH (fillfactor = 70);
COMMENT ON COLUMN crossings.progress IS
    'For each kind of fact the earliest and the latest, packed (hub/src/crossings/packed.rs says how): it is read and written with every fact.';
-- For reports: when the earliest fact of a kind happened, in microseconds since 1970. Who reads many crossings for a decision
-- unpacks them in the program. A byte names the kind, its highest bit that a second mark follows; a mark has 16 bytes.
CREATE FUNCTION first_fact_at(progress bytea, kind text) RETURNS bigint
LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE AS $$
DECLARE
    wanted integer := array_position(ARRAY['zone-arrived', 'zone-left', 'checkpoint-entered', 'entry-refused',
        'border-control-started', 'border-control-finished', 'customs-control-started', 'customs-control-finished',
        'checkpoint-left', 'plate-read', 'void'], kind);
    at integer := 0;
    head integer;
BEGIN
    WHILE at < length(progress) LOOP
        head := get_byte(progress, at);
        IF head & 127 = wanted THEN
            RETURN ('x' || encode(substring(progress FROM at + 2 FOR 8), 'hex'))::bit(64)::bigint;
        END IF;
        at := at + 17 + 16 * (head >> 7);
    END LOOP;
    RETURN NULL;
END
$$;
COMMENT ON COLUMN crossings.awaits_entry IS
    'Not entered and not gone: in the waiting queue or on the way. It stands beside the stage so that a change of stage alone touches no index.';

CREATE INDEX crossings_of_plate ON crossings (checkpoint, plate, booked_at DESC);
COMMENT ON INDEX crossings_of_plate IS 'Finds the crossing that a fact belongs to, and admits a plate at the gate.';

CREATE INDEX crossings_by_id ON crossings (id);
COMMENT ON INDEX crossings_by_id IS 'GET /crossings/{id}, which names no checkpoint.';

CREATE INDEX crossings_awaiting_entry ON crossings (checkpoint, booked_at, id) WHERE awaits_entry;
COMMENT ON INDEX crossings_awaiting_entry IS 'The waiting queue in its order.';

-- A fact that a person placed in a crossing by hand, and why.
CREATE TABLE event_placements (
    checkpoint text NOT NULL,
    position bigint NOT NULL,
    crossing_id uuid NOT NULL,
    placed_by uuid NOT NULL REFERENCES systems (id),
    placed_at timestamptz NOT NULL,
    reason text NOT NULL CHECK (length(reason) BETWEEN 1 AND 500),
    PRIMARY KEY (checkpoint, position),
    FOREIGN KEY (checkpoint, position) REFERENCES checkpoint_events (checkpoint, position),
    FOREIGN KEY (checkpoint, crossing_id) REFERENCES crossings (checkpoint, id)
);
