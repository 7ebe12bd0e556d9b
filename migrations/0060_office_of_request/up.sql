-- A request that line 1 entered for an office is seen and reported on by that office's own system (Order 926,
-- section IV, clauses 3 and 8).

ALTER TABLE permit_requests ADD COLUMN customs_edrpou text CHECK (customs_edrpou ~ '^[0-9]{8}$');
COMMENT ON COLUMN permit_requests.customs_edrpou IS 'The customs office as a legal entity, where line 1 filed the request for it.';

CREATE INDEX permit_requests_of_customs ON permit_requests (customs_edrpou, decide_by, id) WHERE customs_edrpou IS NOT NULL;
COMMENT ON INDEX permit_requests_of_customs IS 'The requests that line 1 filed for a departure office.';
