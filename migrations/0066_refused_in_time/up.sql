-- A called vehicle that was at the gate in time and was not let in loses its call, and is no no-show (Resolution 1393, clause 11). A version
-- before this one leaves the column at its default.

ALTER TABLE absences
    ADD COLUMN was_refused boolean NOT NULL DEFAULT false,
    ADD CONSTRAINT absences_of_refused_take_the_call_only
        CHECK (NOT was_refused OR (place = 'checkpoint' AND consequence ->> 'then' = 'back_to_queue'));
COMMENT ON COLUMN absences.was_refused IS 'Whether the vehicle was at the gate in time for its call and was not let in.';
