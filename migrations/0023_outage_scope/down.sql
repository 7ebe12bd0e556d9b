ALTER TABLE outages
    DROP CONSTRAINT outages_begun,
    DROP CONSTRAINT outages_of_neighbours,
    DROP COLUMN began_at,
    DROP COLUMN direction,
    DROP COLUMN country,
    DROP COLUMN level;
