-- Subscribers: members of Trembita who are sent notices through the security server, beside DG TAXUD and the press office (Order 926,
-- section III, clauses 16 and 17).

CREATE TABLE notice_subscribers (
    name text PRIMARY KEY CHECK (name ~ '^[a-z0-9][a-z0-9_-]{0,39}$'),
    of_outages boolean NOT NULL,
    of_permits boolean NOT NULL,
    is_open boolean NOT NULL,
    changed_at timestamptz NOT NULL
);
COMMENT ON TABLE notice_subscribers IS 'As the settings of the part that delivers had them at its last start. Rows are closed, not removed.';
COMMENT ON COLUMN notice_subscribers.is_open IS 'Whether new notices are owed to it. What was owed before waits until it is open again.';

ALTER TABLE notice_lanes DROP CONSTRAINT notice_lanes_recipient_check;
ALTER TABLE notice_lanes ADD CONSTRAINT notice_lanes_recipient_check CHECK (
    recipient IN ('taxud', 'press_office', 'departure_office', 'trader') OR recipient LIKE 'trembita:%');
COMMENT ON COLUMN notice_lanes.recipient IS 'Who is told; a subscriber is `trembita:` and its name.';
