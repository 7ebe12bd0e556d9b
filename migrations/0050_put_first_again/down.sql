-- Where a booking was put first twice meanwhile, the index cannot be made again: such a hub does not go back.

CREATE UNIQUE INDEX petitions_granted ON petitions (checkpoint, booking_id) WHERE outcome = 'granted' AND booking_id IS NOT NULL;
COMMENT ON INDEX petitions_granted IS 'A booking is put first by one petition at most.';
