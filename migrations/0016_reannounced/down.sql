DELETE FROM journal_changes WHERE kind = 'reannounced';
ALTER TABLE journal_changes
    DROP CONSTRAINT journal_changes_kind_check,
    ADD CONSTRAINT journal_changes_kind_check CHECK (kind IN ('booked', 'placed'));
