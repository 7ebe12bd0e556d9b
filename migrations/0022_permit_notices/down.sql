DROP TABLE notice_rejections;
DROP TABLE notice_publications;
ALTER TABLE outages DROP COLUMN reminded_of_end, DROP COLUMN reminded_of_start;
DELETE FROM delivery_attempts WHERE (outage_id, number) IN (
    SELECT outage_id, number FROM notices WHERE permit_request_id IS NOT NULL OR kind IN ('starts_soon', 'overran'));
DELETE FROM notice_deliveries WHERE (outage_id, number) IN (
    SELECT outage_id, number FROM notices WHERE permit_request_id IS NOT NULL OR kind IN ('starts_soon', 'overran'));
DELETE FROM notices WHERE permit_request_id IS NOT NULL OR kind IN ('starts_soon', 'overran');
DELETE FROM notice_lanes WHERE outage_id NOT IN (SELECT id FROM outages);
ALTER TABLE notice_lanes DROP CONSTRAINT notice_lanes_recipient_check;
ALTER TABLE notice_lanes ADD CONSTRAINT notice_lanes_recipient_check CHECK (recipient IN ('taxud', 'press_office'));
ALTER TABLE notices DROP CONSTRAINT notices_kind_check;
ALTER TABLE notices ADD CONSTRAINT notices_kind_check CHECK (kind IN ('declared', 'changed', 'recovered', 'cancelled'));
COMMENT ON COLUMN notice_lanes.outage_id IS NULL;
COMMENT ON COLUMN notices.outage_id IS NULL;
COMMENT ON COLUMN notices.told IS 'The whole outage as told. It never changes, so what a recipient knows can be worked out again.';
ALTER TABLE notices DROP CONSTRAINT notices_of_permits, DROP COLUMN of_outage, DROP COLUMN permit_request_id;
ALTER TABLE notices ADD CONSTRAINT notices_outage_id_fkey FOREIGN KEY (outage_id) REFERENCES outages (id);
ALTER TABLE notice_lanes ADD CONSTRAINT notice_lanes_outage_id_fkey FOREIGN KEY (outage_id) REFERENCES outages (id);
