DROP TABLE event_placements;
DROP TABLE crossings;
DROP FUNCTION first_fact_at;
DROP TABLE checkpoint_events;
DROP TABLE event_keys;
DROP TABLE checkpoint_journals;
