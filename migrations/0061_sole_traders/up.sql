-- A permit may be asked for a sole trader, who has a tax number and no code of a legal entity (Order 926, section II, clause 3, item 1;
-- section IV).

ALTER TABLE permit_requests
    ALTER COLUMN trader_edrpou DROP NOT NULL,
    ADD COLUMN trader_rnokpp text CHECK (trader_rnokpp ~ '^[0-9]{10}$'),
    ADD CONSTRAINT permit_requests_one_trader CHECK ((trader_edrpou IS NULL) <> (trader_rnokpp IS NULL));
COMMENT ON COLUMN permit_requests.trader_rnokpp IS 'The tax number (RNOKPP) of a sole trader: personal data, and so is the name beside it.';

CREATE UNIQUE INDEX permit_requests_open_once_of_sole_trader ON permit_requests (office, trader_rnokpp, asks) WHERE state = 'open';
COMMENT ON INDEX permit_requests_open_once_of_sole_trader IS
    'Refuses the same request of a sole trader for one incident twice, also at the same moment.';

CREATE INDEX permit_requests_of_sole_trader ON permit_requests (trader_rnokpp) WHERE trader_rnokpp IS NOT NULL;
COMMENT ON INDEX permit_requests_of_sole_trader IS 'Whether a request of a sole trader stands for an incident already.';
