-- Who holds a booking sees it (Resolution 1393, clause 25), and a zone operator sees its own zones (clause 23).

-- What the holder of a booking proves themselves with. It is shown once and kept as a hash.
CREATE TABLE booking_secrets (
    checkpoint text NOT NULL,
    booking_id uuid NOT NULL,
    reference text NOT NULL,
    hash bytea NOT NULL CHECK (length(hash) = 32),
    issued_at timestamptz NOT NULL,
    PRIMARY KEY (checkpoint, booking_id),
    FOREIGN KEY (checkpoint, booking_id) REFERENCES bookings (checkpoint, id)
);
COMMENT ON COLUMN booking_secrets.hash IS 'SHA-256 of the secret, which has 160 bits of its own: it needs neither salt nor stretching.';

CREATE INDEX booking_secrets_by_reference ON booking_secrets (reference);
COMMENT ON INDEX booking_secrets_by_reference IS 'GET /my-booking: a holder names the reference. Two operators may have given the same one.';

-- A zone operator without zones would see and state at all of them. Those that were registered before are left to be mended.
ALTER TABLE systems ADD CONSTRAINT systems_zone_operator_has_zones
    CHECK (role <> 'zone_operator' OR zones IS NOT NULL) NOT VALID;
