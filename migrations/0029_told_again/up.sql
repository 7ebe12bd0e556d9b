-- What was told and did not arrive, and what was told at another moment than was recorded (Order 926, section III, clauses 9 and 14; section
-- IV, clauses 6 and 7).

-- A letter that told the user something came back: the user was not told.
ALTER TABLE ticket_acts DROP CONSTRAINT ticket_acts_act_check;
ALTER TABLE ticket_acts ADD CONSTRAINT ticket_acts_act_check
    CHECK (act IN ('registered', 'moved', 'prioritised', 'extended', 'told', 'answered', 'involved', 'bounced'));
ALTER TABLE ticket_acts DROP CONSTRAINT ticket_acts_check2;
ALTER TABLE ticket_acts ADD CONSTRAINT ticket_acts_told CHECK ((act IN ('told', 'bounced')) = (told IS NOT NULL));

-- The moment at which the office or the trader was told of a permit decides its 24 hours: what is corrected stays visible.
CREATE TABLE permit_telling_corrections (
    request_id uuid NOT NULL REFERENCES permit_requests (id),
    number integer NOT NULL CHECK (number >= 1),
    party text NOT NULL CHECK (party IN ('departure_office', 'trader')),
    told_at_before timestamptz NOT NULL,
    told_at timestamptz NOT NULL CHECK (told_at <> told_at_before),
    reason text NOT NULL CHECK (length(reason) BETWEEN 1 AND 2000),
    corrected_by uuid NOT NULL REFERENCES systems (id),
    corrected_at timestamptz NOT NULL,
    PRIMARY KEY (request_id, number)
);

ALTER TABLE notices DROP CONSTRAINT notices_kind_check;
ALTER TABLE notices ADD CONSTRAINT notices_kind_check CHECK (
    (permit_request_id IS NULL AND kind IN ('declared', 'changed', 'recovered', 'cancelled', 'starts_soon', 'overran'))
    OR (permit_request_id IS NOT NULL
        AND kind IN ('permit_issued', 'permit_corrected', 'permit_expiring', 'permit_expired', 'permit_revoked')));
