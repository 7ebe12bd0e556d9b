ALTER TABLE absences DROP COLUMN left_at;
