ALTER TABLE outages
    DROP CONSTRAINT outages_recovered,
    ADD CONSTRAINT outages_check1 CHECK (recovered_at > starts_at);
