ALTER TABLE notices DROP CONSTRAINT notices_kind_check;
ALTER TABLE notices ADD CONSTRAINT notices_kind_check CHECK (
    (permit_request_id IS NULL AND kind IN ('declared', 'changed', 'recovered', 'cancelled', 'starts_soon', 'overran'))
    OR (permit_request_id IS NOT NULL
        AND kind IN ('permit_issued', 'permit_expiring', 'permit_expired', 'permit_revoked')));
DROP TABLE permit_telling_corrections;
ALTER TABLE ticket_acts DROP CONSTRAINT ticket_acts_told;
ALTER TABLE ticket_acts ADD CONSTRAINT ticket_acts_check2 CHECK ((act = 'told') = (told IS NOT NULL));
ALTER TABLE ticket_acts DROP CONSTRAINT ticket_acts_act_check;
ALTER TABLE ticket_acts ADD CONSTRAINT ticket_acts_act_check
    CHECK (act IN ('registered', 'moved', 'prioritised', 'extended', 'told', 'answered', 'involved'));
