DROP INDEX crossings_called;
DROP TABLE call_warnings;
DROP TABLE absences;
DROP TABLE pauses;
DROP INDEX calls_of_lane;
DROP INDEX calls_by_reference;
DELETE FROM calls WHERE system_id IS NULL;
ALTER TABLE calls
    DROP COLUMN lane,
    DROP COLUMN kind,
    DROP COLUMN entry_expected_at,
    DROP COLUMN turns,
    DROP COLUMN reference,
    DROP COLUMN digest,
    DROP COLUMN missed_at,
    ALTER COLUMN system_id SET NOT NULL;
