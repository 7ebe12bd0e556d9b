-- Uses that were taken back do not fit the schema before: this step goes back only where there are none.
ALTER TABLE permit_use_corrections
    DROP CONSTRAINT permit_use_corrections_after,
    ALTER COLUMN released_on SET NOT NULL,
    ALTER COLUMN registration_number SET NOT NULL;
COMMENT ON COLUMN permit_use_corrections.registration_number IS NULL;
