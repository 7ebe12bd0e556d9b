-- A permit is for the systems whose failure was confirmed, and not for all that a trader took for failed (Order 926, section IV, clauses 1, 5).

ALTER TABLE permit_requests
    ADD COLUMN permit_systems text[],
    ADD CONSTRAINT permit_requests_systems CHECK (
        permit_systems IS NULL
        OR (permit_number IS NOT NULL AND cardinality(permit_systems) >= 1 AND permit_systems <@ systems));
COMMENT ON COLUMN permit_requests.permit_systems IS
    'The systems whose failure was confirmed. Null in a permit from before this was told apart: all that were asked for.';
