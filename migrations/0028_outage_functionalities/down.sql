DELETE FROM outage_unavailabilities WHERE functionality <> '';
ALTER TABLE outage_unavailabilities
    DROP CONSTRAINT outage_unavailabilities_of_one,
    DROP CONSTRAINT outage_unavailabilities_pkey,
    DROP COLUMN functionality,
    ADD PRIMARY KEY (kind, affected_system, starts_at);
COMMENT ON COLUMN outage_unavailabilities.affected_system IS NULL;
ALTER TABLE outages DROP CONSTRAINT outages_functionalities, DROP COLUMN functionalities;
