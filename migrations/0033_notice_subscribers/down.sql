COMMENT ON COLUMN notice_lanes.recipient IS NULL;
DELETE FROM delivery_attempts WHERE recipient LIKE 'trembita:%';
DELETE FROM notice_deliveries WHERE recipient LIKE 'trembita:%';
DELETE FROM notice_lanes WHERE recipient LIKE 'trembita:%';
ALTER TABLE notice_lanes DROP CONSTRAINT notice_lanes_recipient_check;
ALTER TABLE notice_lanes ADD CONSTRAINT notice_lanes_recipient_check
    CHECK (recipient IN ('taxud', 'press_office', 'departure_office', 'trader'));
DROP TABLE notice_subscribers;
