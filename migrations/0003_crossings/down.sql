DROP TABLE event_placements;
DROP TABLE crossings;
DROP TABLE checkpoint_events;
DROP TABLE event_keys;
DROP TABLE checkpoint_journals;
