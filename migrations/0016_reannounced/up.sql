-- That an announced entry time was told anew stands in the journal, so that those who follow a queue hear of it (Resolution 1393,
-- clause 13).

ALTER TABLE journal_changes
    DROP CONSTRAINT journal_changes_kind_check,
    ADD CONSTRAINT journal_changes_kind_check CHECK (kind IN ('booked', 'placed', 'reannounced'));
