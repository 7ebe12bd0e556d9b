-- Requests of sole traders do not fit the schema before: this step goes back only where there are none.
DROP INDEX permit_requests_of_sole_trader;
DROP INDEX permit_requests_open_once_of_sole_trader;
ALTER TABLE permit_requests
    DROP CONSTRAINT permit_requests_one_trader,
    DROP COLUMN trader_rnokpp,
    ALTER COLUMN trader_edrpou SET NOT NULL;
