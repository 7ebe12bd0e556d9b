-- A permit is refused when its incident was solved before both were told of it (Order 926, section IV, clause 9).

ALTER TABLE permit_requests
    ADD COLUMN confirmed_at timestamptz,
    ADD COLUMN confirmed_by uuid REFERENCES systems (id),
    ADD COLUMN confirmed_because text CHECK (length(confirmed_because) BETWEEN 1 AND 2000),
    ADD COLUMN office_told_before timestamptz,
    ADD COLUMN trader_told_before timestamptz,
    DROP CONSTRAINT permit_requests_check13,
    -- One that was refused in the end was never in force.
    ADD CONSTRAINT permit_requests_refused_permit CHECK (permit_number IS NULL OR (asks = 'procedure' AND (
        refusal_ground IS NULL
        OR (refusal_ground = 'solved' AND valid_from IS NULL AND revoked_at IS NOT NULL)))),
    ADD CONSTRAINT permit_requests_confirmed CHECK (
        (confirmed_at IS NULL) = (confirmed_by IS NULL) AND (confirmed_at IS NULL) = (confirmed_because IS NULL)
        AND (confirmed_at IS NULL OR (refusal_ground IS NOT NULL AND decided_at >= confirmed_at))
        AND (office_told_before IS NULL OR (confirmed_at IS NOT NULL AND office_told_before >= confirmed_at))
        AND (trader_told_before IS NULL OR (confirmed_at IS NOT NULL AND trader_told_before >= confirmed_at)));
COMMENT ON COLUMN permit_requests.confirmed_at IS
    'When line 2 had confirmed the failure, where it refused later because the incident was solved.';
COMMENT ON COLUMN permit_requests.office_told_before IS 'When the office had been told of the permit that was refused later.';
COMMENT ON COLUMN permit_requests.trader_told_before IS 'When the trader had been told of the permit that was refused later.';
