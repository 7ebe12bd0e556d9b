-- Notices of permits beside those of outages, in one feed and one outbox (Order 926, section IV, clauses 6 and 7); reminders of
-- outages; what the press office published (section III, clause 17); what DG TAXUD rejected.

-- A lane, a notice and a delivery belong to an outage or to a request for a permit. The column keeps its name until a later step.
ALTER TABLE notices DROP CONSTRAINT notices_outage_id_fkey;
ALTER TABLE notice_lanes DROP CONSTRAINT notice_lanes_outage_id_fkey;
ALTER TABLE notices
    ADD COLUMN permit_request_id uuid REFERENCES permit_requests (id),
    ADD COLUMN of_outage uuid GENERATED ALWAYS AS (CASE WHEN permit_request_id IS NULL THEN outage_id END) STORED
        REFERENCES outages (id),
    ADD CONSTRAINT notices_of_permits CHECK (permit_request_id = outage_id);
COMMENT ON COLUMN notices.outage_id IS 'What it tells of: an outage, or a request for a permit.';
COMMENT ON COLUMN notices.permit_request_id IS 'The request whose permit it tells of; null: it tells of an outage.';
COMMENT ON COLUMN notices.told IS
    'The whole outage or permit as told. It never changes, so what a recipient knows can be worked out again. Of a permit without the trader.';
COMMENT ON COLUMN notice_lanes.outage_id IS 'The outage, or the request for a permit.';
ALTER TABLE notices DROP CONSTRAINT notices_kind_check;
ALTER TABLE notices ADD CONSTRAINT notices_kind_check CHECK (
    (permit_request_id IS NULL AND kind IN ('declared', 'changed', 'recovered', 'cancelled', 'starts_soon', 'overran'))
    OR (permit_request_id IS NOT NULL
        AND kind IN ('permit_issued', 'permit_expiring', 'permit_expired', 'permit_revoked')));
ALTER TABLE notice_lanes DROP CONSTRAINT notice_lanes_recipient_check;
ALTER TABLE notice_lanes ADD CONSTRAINT notice_lanes_recipient_check
    CHECK (recipient IN ('taxud', 'press_office', 'departure_office', 'trader'));

-- Which estimate and which start were reminded of: a moved one is reminded of again.
ALTER TABLE outages
    ADD COLUMN reminded_of_start timestamptz,
    ADD COLUMN reminded_of_end timestamptz;
COMMENT ON COLUMN outages.reminded_of_start IS 'The planned start of which the press office was reminded.';
COMMENT ON COLUMN outages.reminded_of_end IS 'The expected end of which it was told that it has passed.';

-- What the press office published of a notice, where and when.
CREATE TABLE notice_publications (
    notice_id uuid NOT NULL REFERENCES notices (id),
    address text NOT NULL CHECK (length(address) BETWEEN 10 AND 500),
    place text NOT NULL CHECK (place IN ('portal', 'social_network', 'messenger')),
    title text NOT NULL CHECK (length(title) BETWEEN 1 AND 300),
    published_at timestamptz NOT NULL,
    recorded_by uuid NOT NULL REFERENCES systems (id),
    PRIMARY KEY (notice_id, address)
);

-- What DG TAXUD sent back: CD906C and CD917C, one a message.
CREATE TABLE notice_rejections (
    identification text PRIMARY KEY CHECK (length(identification) BETWEEN 1 AND 35),
    notice_id uuid NOT NULL REFERENCES notices (id),
    kind text NOT NULL CHECK (kind IN ('cd906c', 'cd917c')),
    received_at timestamptz NOT NULL,
    faults jsonb NOT NULL CHECK (jsonb_typeof(faults) = 'array')
);
COMMENT ON COLUMN notice_rejections.identification IS 'The messageIdentification of the rejection: the same again is the same.';

CREATE INDEX notice_rejections_of_notice ON notice_rejections (notice_id);
COMMENT ON INDEX notice_rejections_of_notice IS 'What is shown with a notice.';
