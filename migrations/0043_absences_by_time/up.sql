-- Vehicles that did not come are counted by their absences, whatever followed from them (Resolution 1393, clause 6).

CREATE INDEX absences_by_time ON absences (checkpoint, decided_at) WHERE taken_back_position IS NULL;
COMMENT ON INDEX absences_by_time IS 'The absences of a period that stand, for the figures.';
