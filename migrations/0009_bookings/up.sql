-- Places in slots, petitions, changes of bookings, bans, and the operator of a checkpoint (Resolution 1393, clauses 3, 11, 21,
-- 23, 34).

ALTER TABLE crossings
    ADD COLUMN ended_at timestamptz,
    ADD CHECK (ended_at IS NULL OR NOT awaits_entry);
COMMENT ON COLUMN crossings.ended_at IS
    'When its booking ended without entry: cancelled, or the vehicle did not come. It awaits entry no more, whatever its stage.';

ALTER TABLE bookings ADD COLUMN position bigint;
COMMENT ON COLUMN bookings.position IS 'Where the booking stands in the journal of its checkpoint. Null: booked before positions were kept.';

-- A place of a slot that is sold. The key is what sells it once: two bookings of the same place cannot both be written.
CREATE TABLE slot_places (
    checkpoint text NOT NULL,
    lane text NOT NULL,
    starts_at timestamptz NOT NULL,
    place_number integer NOT NULL,
    ends_at timestamptz NOT NULL CHECK (ends_at > starts_at),
    places integer NOT NULL CHECK (places >= 1),
    rules_version integer NOT NULL,
    booking_id uuid NOT NULL,
    PRIMARY KEY (checkpoint, lane, starts_at, place_number),
    UNIQUE (checkpoint, booking_id),
    FOREIGN KEY (checkpoint, booking_id) REFERENCES bookings (checkpoint, id),
    CHECK (place_number BETWEEN 1 AND places)
);
COMMENT ON COLUMN slot_places.places IS 'How many places the slot had by the rules under which this one was sold.';

-- What was changed about a booking after it was made. A row never changes.
CREATE TABLE booking_changes (
    checkpoint text NOT NULL,
    position bigint NOT NULL,
    booking_id uuid NOT NULL,
    kind text NOT NULL CHECK (kind IN (
        'cancelled', 'extended', 'vehicle_swapped', 'prioritised', 'put_back', 'ended')),
    system_id uuid NOT NULL REFERENCES systems (id),
    reference text CHECK (length(reference) BETWEEN 1 AND 100),
    digest bytea CHECK (length(digest) = 32),
    made_at timestamptz NOT NULL,
    reason text CHECK (length(reason) BETWEEN 1 AND 500),
    before jsonb NOT NULL,
    after jsonb NOT NULL,
    rules_version integer NOT NULL,
    PRIMARY KEY (checkpoint, position),
    FOREIGN KEY (checkpoint, booking_id) REFERENCES bookings (checkpoint, id),
    CHECK ((reference IS NULL) = (digest IS NULL))
);
COMMENT ON COLUMN booking_changes.reference IS
    'The id that the operator gave the change; the same again is the same change. Null: the hub itself made it.';

CREATE UNIQUE INDEX booking_changes_by_reference ON booking_changes (system_id, reference) WHERE reference IS NOT NULL;
COMMENT ON INDEX booking_changes_by_reference IS 'Recognises a change that is sent again.';

CREATE INDEX booking_changes_of_booking ON booking_changes (checkpoint, booking_id, position);
COMMENT ON INDEX booking_changes_of_booking IS 'The history of a booking, and how often it was changed.';

-- Until when a vehicle may not book, at any checkpoint, because it did not come.
CREATE TABLE plate_bans (
    plate text NOT NULL,
    checkpoint text NOT NULL,
    booking_id uuid NOT NULL,
    banned_at timestamptz NOT NULL,
    banned_until timestamptz NOT NULL CHECK (banned_until > banned_at),
    ground text NOT NULL CHECK (ground IN ('no_show_at_zone', 'no_show_at_checkpoint')),
    PRIMARY KEY (plate, checkpoint, booking_id),
    FOREIGN KEY (checkpoint, booking_id) REFERENCES bookings (checkpoint, id)
);

-- A petition for the priority queue: what it rests on, and what was decided.
CREATE TABLE petitions (
    checkpoint text NOT NULL REFERENCES checkpoints (checkpoint),
    id uuid NOT NULL,
    position bigint NOT NULL,
    system_id uuid NOT NULL REFERENCES systems (id),
    reference text NOT NULL CHECK (length(reference) BETWEEN 1 AND 100),
    digest bytea NOT NULL CHECK (length(digest) = 32),
    plate text NOT NULL,
    plate_written text NOT NULL,
    booking_id uuid,
    class text NOT NULL,
    stated_by text NOT NULL CHECK (length(stated_by) BETWEEN 1 AND 200),
    documents jsonb NOT NULL,
    filed_at timestamptz NOT NULL,
    rules_version integer NOT NULL,
    outcome text CHECK (outcome IN ('granted', 'refused')),
    decision_position bigint,
    decision_reason text CHECK (length(decision_reason) BETWEEN 1 AND 500),
    decided_by uuid REFERENCES systems (id),
    decided_at timestamptz,
    PRIMARY KEY (checkpoint, id),
    FOREIGN KEY (checkpoint, booking_id) REFERENCES bookings (checkpoint, id),
    CHECK (num_nulls(outcome, decision_position, decision_reason, decided_by, decided_at) IN (0, 5))
);
COMMENT ON COLUMN petitions.booking_id IS
    'The booking that it is for. Null: none yet; a granted petition is then used by the booking that names it.';

CREATE UNIQUE INDEX petitions_by_reference ON petitions (system_id, reference);
COMMENT ON INDEX petitions_by_reference IS 'Recognises a petition that is sent again.';

CREATE UNIQUE INDEX petitions_by_position ON petitions (checkpoint, position);
COMMENT ON INDEX petitions_by_position IS 'The petitions of a checkpoint in the order in which they were filed.';

CREATE UNIQUE INDEX petitions_granted ON petitions (checkpoint, booking_id) WHERE outcome = 'granted' AND booking_id IS NOT NULL;
COMMENT ON INDEX petitions_granted IS 'A booking is put first by one petition at most.';

-- Who runs the queue of a checkpoint, since when. The last row that has begun counts, so there is one operator at a time by
-- itself; a row never changes.
CREATE TABLE checkpoint_operators (
    checkpoint text NOT NULL REFERENCES checkpoints (checkpoint),
    operates_from timestamptz NOT NULL,
    organisation_id uuid NOT NULL REFERENCES organisations (id),
    decision_reference text NOT NULL CHECK (length(decision_reference) BETWEEN 1 AND 100),
    decided_on date NOT NULL,
    put_by uuid NOT NULL REFERENCES systems (id),
    put_at timestamptz NOT NULL,
    PRIMARY KEY (checkpoint, operates_from)
);
