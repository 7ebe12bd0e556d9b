-- Calls by lane and by capacity, pauses, absences and what follows from them, warnings (Resolution 1393, clauses 3, 11, 13, 14).

ALTER TABLE calls
    -- The hub itself gives automatic calls: no system does.
    ALTER COLUMN system_id DROP NOT NULL,
    ADD COLUMN lane text NOT NULL DEFAULT 'all',
    ADD COLUMN kind text NOT NULL DEFAULT 'operator' CHECK (kind IN ('operator', 'automatic', 'handed_in')),
    ADD COLUMN entry_expected_at timestamptz,
    ADD COLUMN turns jsonb,
    ADD COLUMN reference text CHECK (length(reference) BETWEEN 1 AND 100),
    ADD COLUMN digest bytea CHECK (length(digest) = 32),
    ADD COLUMN missed_at timestamptz,
    ADD CHECK ((kind = 'automatic') = (system_id IS NULL)),
    ADD CHECK ((reference IS NULL) = (digest IS NULL)),
    ADD CHECK (reference IS NULL OR kind <> 'automatic');
COMMENT ON COLUMN calls.entry_expected_at IS
    'The entry that the call is for. The next call of the lane is for one as much later as its capacity says.';
COMMENT ON COLUMN calls.turns IS 'The credits of the turns of the lane after this call.';
COMMENT ON COLUMN calls.reference IS 'The id that the operator gave the call; the same again is the same call.';
COMMENT ON COLUMN calls.missed_at IS 'When the vehicle was found absent. Null again if the call was kept after all.';

CREATE UNIQUE INDEX calls_by_reference ON calls (system_id, reference) WHERE reference IS NOT NULL;
COMMENT ON INDEX calls_by_reference IS 'Recognises a call that is sent again.';

CREATE INDEX calls_of_lane ON calls (checkpoint, lane, position DESC);
COMMENT ON INDEX calls_of_lane IS 'The last call of a lane: its turns, and the entry that it was for.';

-- A pause of a lane, or of the whole checkpoint: while it lasts nobody is called.
CREATE TABLE pauses (
    checkpoint text NOT NULL REFERENCES checkpoints (checkpoint),
    id uuid NOT NULL,
    position bigint NOT NULL,
    lane text,
    reason text NOT NULL CHECK (length(reason) BETWEEN 1 AND 500),
    system_id uuid NOT NULL REFERENCES systems (id),
    paused_at timestamptz NOT NULL,
    ended_at timestamptz CHECK (ended_at >= paused_at),
    ended_by uuid REFERENCES systems (id),
    end_position bigint,
    PRIMARY KEY (checkpoint, id),
    CHECK (num_nulls(ended_at, ended_by, end_position) IN (0, 3))
);
COMMENT ON COLUMN pauses.lane IS 'Null: all of the checkpoint.';

CREATE UNIQUE INDEX pauses_in_force ON pauses (checkpoint, lane) NULLS NOT DISTINCT WHERE ended_at IS NULL;
COMMENT ON INDEX pauses_in_force IS 'What is paused now, each lane once.';

-- A vehicle that did not come, and what followed by the rules. Where a fact shows later that it had come in time, the
-- consequence is taken back.
CREATE TABLE absences (
    checkpoint text NOT NULL,
    position bigint NOT NULL,
    booking_id uuid NOT NULL,
    place text NOT NULL CHECK (place IN ('zone', 'checkpoint')),
    call_position bigint,
    due_at timestamptz NOT NULL,
    decided_at timestamptz NOT NULL,
    consequence jsonb NOT NULL,
    before jsonb NOT NULL,
    rules_version integer NOT NULL,
    settled_at timestamptz,
    taken_back_position bigint,
    PRIMARY KEY (checkpoint, position),
    FOREIGN KEY (checkpoint, booking_id) REFERENCES bookings (checkpoint, id),
    FOREIGN KEY (checkpoint, call_position) REFERENCES calls (checkpoint, position),
    CHECK ((place = 'checkpoint') = (call_position IS NOT NULL)),
    CHECK (taken_back_position IS NULL OR settled_at IS NOT NULL)
);
COMMENT ON COLUMN absences.before IS 'What the booking was before, to be given back.';
COMMENT ON COLUMN absences.settled_at IS
    'When a fact of its coming was looked at: in time, and the absence was taken back, or late, and it stands.';

CREATE INDEX absences_open ON absences (checkpoint, booking_id) WHERE settled_at IS NULL;
COMMENT ON INDEX absences_open IS 'The absences that a fact handed in late may still take back.';

CREATE INDEX absences_of_booking ON absences (checkpoint, booking_id, position);
COMMENT ON INDEX absences_of_booking IS 'The history of a booking.';

-- That the call of a vehicle nears: told once for each time that it stands in a queue.
CREATE TABLE call_warnings (
    checkpoint text NOT NULL,
    position bigint NOT NULL,
    booking_id uuid NOT NULL,
    queued_at timestamptz NOT NULL,
    warned_at timestamptz NOT NULL,
    call_expected_at timestamptz NOT NULL,
    place integer NOT NULL CHECK (place >= 1),
    rules_version integer NOT NULL,
    PRIMARY KEY (checkpoint, booking_id, queued_at),
    FOREIGN KEY (checkpoint, booking_id) REFERENCES bookings (checkpoint, id)
);

CREATE UNIQUE INDEX call_warnings_by_position ON call_warnings (checkpoint, position);
COMMENT ON INDEX call_warnings_by_position IS 'The warnings of a checkpoint since a position of its journal.';

CREATE INDEX crossings_called ON crossings (checkpoint, call_deadline_at) WHERE awaits_entry AND called_at IS NOT NULL;
COMMENT ON INDEX crossings_called IS 'Who is on the way to a checkpoint, and whose time to come has passed.';
