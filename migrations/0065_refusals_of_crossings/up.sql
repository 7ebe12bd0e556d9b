-- A refusal at the gate that is handed in after its vehicle was found absent takes back what followed (Resolution 1393, clause 11). The timer asks
-- for the refusals of every absence that may still be taken back.

CREATE INDEX checkpoint_events_refusals ON checkpoint_events (checkpoint, crossing_id) WHERE kind = 'entry-refused';
COMMENT ON INDEX checkpoint_events_refusals IS 'Whether a vehicle that missed its call was at the gate in time and was not let in.';
