-- Bookings and calls of the waiting queue (Resolution 1393, clauses 3, 13, 24).

CREATE TABLE bookings (
    checkpoint text NOT NULL,
    id uuid NOT NULL,
    system_id uuid NOT NULL REFERENCES systems (id),
    reference text NOT NULL CHECK (length(reference) BETWEEN 1 AND 100),
    digest bytea NOT NULL CHECK (length(digest) = 32),
    queue text NOT NULL CHECK (queue IN ('live')),
    channel text NOT NULL CHECK (channel IN ('web', 'call_centre', 'terminal', 'on_site')),
    trailer_plate text CHECK (length(trailer_plate) <= 20),
    driver_name text CHECK (length(driver_name) BETWEEN 1 AND 200),
    booked_at timestamptz NOT NULL,
    recorded_at timestamptz NOT NULL,
    rules_version integer NOT NULL,
    PRIMARY KEY (checkpoint, id),
    FOREIGN KEY (checkpoint, id) REFERENCES crossings (checkpoint, id)
);
COMMENT ON COLUMN bookings.reference IS 'The id that the queue operator gave the booking; the same again is the same booking.';

CREATE UNIQUE INDEX bookings_by_reference ON bookings (system_id, reference);
COMMENT ON INDEX bookings_by_reference IS 'Recognises a booking that is sent again.';

-- The one active booking of a vehicle over all checkpoints. Touched when a booking begins, never by an event: whether the
-- booking that stands here has ended is asked of its crossing when the next one comes.
CREATE TABLE active_bookings (
    plate text PRIMARY KEY,
    checkpoint text NOT NULL,
    booking_id uuid NOT NULL,
    FOREIGN KEY (checkpoint, booking_id) REFERENCES bookings (checkpoint, id)
);

CREATE TABLE calls (
    checkpoint text NOT NULL,
    position bigint NOT NULL,
    booking_id uuid NOT NULL,
    called_at timestamptz NOT NULL,
    deadline_at timestamptz NOT NULL CHECK (deadline_at > called_at),
    system_id uuid NOT NULL REFERENCES systems (id),
    reason text CHECK (length(reason) BETWEEN 1 AND 500),
    explanation jsonb NOT NULL,
    rules_version integer NOT NULL,
    PRIMARY KEY (checkpoint, position),
    FOREIGN KEY (checkpoint, booking_id) REFERENCES bookings (checkpoint, id)
);
COMMENT ON COLUMN calls.explanation IS 'Who stood where when this vehicle was called, and which rule put it first.';

CREATE INDEX calls_of_booking ON calls (checkpoint, booking_id);
COMMENT ON INDEX calls_of_booking IS 'The calls of a booking: more than one when a call was missed.';
