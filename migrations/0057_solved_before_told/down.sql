ALTER TABLE permit_requests
    DROP CONSTRAINT permit_requests_confirmed,
    DROP CONSTRAINT permit_requests_refused_permit,
    ADD CONSTRAINT permit_requests_check13 CHECK (permit_number IS NULL OR (asks = 'procedure' AND refusal_ground IS NULL)),
    DROP COLUMN trader_told_before,
    DROP COLUMN office_told_before,
    DROP COLUMN confirmed_because,
    DROP COLUMN confirmed_by,
    DROP COLUMN confirmed_at;
