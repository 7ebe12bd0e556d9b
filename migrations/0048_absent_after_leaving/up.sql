-- A pre-booked vehicle that came to its waiting zone, left before its slot, and was not back when its grace was over did not come to it
-- (Resolution 1393, clause 11). That it had come before says nothing then.

ALTER TABLE absences
    ADD COLUMN left_at timestamptz,
    ADD CONSTRAINT absences_left_zone CHECK (left_at IS NULL OR place = 'zone');
COMMENT ON COLUMN absences.left_at IS
    'When the vehicle had left its waiting zone; null: it was not known to have come, or was missed elsewhere. Only what happened since takes the absence back.';
