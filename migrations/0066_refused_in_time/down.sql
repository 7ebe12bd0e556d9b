ALTER TABLE absences
    DROP CONSTRAINT absences_of_refused_take_the_call_only,
    DROP COLUMN was_refused;
