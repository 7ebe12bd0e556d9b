-- An operator lifts the ban that came of a booking, with its reason (Resolution 1393, clause 34): a change of the booking like the others.

ALTER TABLE booking_changes
    DROP CONSTRAINT booking_changes_kind_check,
    ADD CONSTRAINT booking_changes_kind_check CHECK (kind IN (
        'cancelled', 'extended', 'vehicle_swapped', 'prioritised', 'put_back', 'ended', 'ban_lifted'));

CREATE INDEX plate_bans_of_booking ON plate_bans (checkpoint, booking_id);
COMMENT ON INDEX plate_bans_of_booking IS 'What is lifted: the bans that came of a booking.';
