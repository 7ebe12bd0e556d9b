-- Whose outage it is, in which direction it is felt, and when a planned window really began (Order 926, section III, clause 16).

ALTER TABLE outages
    ADD COLUMN level text NOT NULL DEFAULT 'national' CHECK (level IN ('national', 'central', 'neighbour')),
    ADD COLUMN country text CHECK (country ~ '^[A-Z]{2}$'),
    ADD COLUMN direction text NOT NULL DEFAULT 'both' CHECK (direction IN ('both', 'into_ukraine', 'out_of_ukraine')),
    ADD COLUMN began_at timestamptz,
    ADD CONSTRAINT outages_of_neighbours CHECK ((level = 'neighbour') = (country IS NOT NULL)),
    ADD CONSTRAINT outages_begun CHECK (began_at IS NULL OR kind = 'planned');
COMMENT ON COLUMN outages.country IS 'Which neighbour''s.';
COMMENT ON COLUMN outages.began_at IS 'When a planned window really began; null: as planned, or nobody said.';
