-- Planned work may begin before its hour, and be over before it (Order 926, section III, clause 16): it is over after it began, whichever is told.

ALTER TABLE outages
    DROP CONSTRAINT outages_check1,
    ADD CONSTRAINT outages_recovered CHECK (recovered_at > least(starts_at, began_at));
