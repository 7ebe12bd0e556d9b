DROP INDEX absences_by_time;
