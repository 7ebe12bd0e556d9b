-- Predicted entries follow how far the turns of each queue have come.

CREATE INDEX calls_in_turn ON calls (checkpoint, called_at) INCLUDE (booking_id) WHERE explanation ->> 'rule' = 'turn';
COMMENT ON INDEX calls_in_turn IS 'Who was called in turn in the last two weeks.';
