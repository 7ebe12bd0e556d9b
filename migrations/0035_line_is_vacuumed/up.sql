-- How many stand in line is counted from the index alone, which works for the pages that were vacuumed since they changed. A table in
-- which everything changes all day is vacuumed when a fiftieth of it has.
ALTER TABLE crossings SET (autovacuum_vacuum_scale_factor = 0.02, autovacuum_vacuum_insert_scale_factor = 0.02);
