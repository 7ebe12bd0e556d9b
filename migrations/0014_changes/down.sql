DROP INDEX pauses_by_end;
DROP INDEX pauses_by_position;
DROP INDEX absences_taken_back;
DROP TABLE journal_changes;
