-- A use that never was may have been reported, of another permit for example: it is taken back, and that stays visible (Order 926,
-- section IV, clause 8).

ALTER TABLE permit_use_corrections
    ALTER COLUMN registration_number DROP NOT NULL,
    ALTER COLUMN released_on DROP NOT NULL,
    ADD CONSTRAINT permit_use_corrections_after CHECK ((registration_number IS NULL) = (released_on IS NULL));
COMMENT ON COLUMN permit_use_corrections.registration_number IS 'What took its place; null: nothing, the use never was.';
