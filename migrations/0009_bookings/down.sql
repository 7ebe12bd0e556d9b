DROP TABLE checkpoint_operators;
DROP TABLE petitions;
DROP TABLE plate_bans;
DROP TABLE booking_changes;
DROP TABLE slot_places;
ALTER TABLE bookings DROP COLUMN position;
ALTER TABLE crossings DROP COLUMN ended_at;
