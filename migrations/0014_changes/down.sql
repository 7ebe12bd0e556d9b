DROP TABLE journal_changes;
