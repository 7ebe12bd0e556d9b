-- Which business functionalities of NCTS an outage takes away (Order 926, section III, clause 16; CL168 of the unavailability messages).

ALTER TABLE outages
    ADD COLUMN functionalities text[] NOT NULL DEFAULT '{}',
    ADD CONSTRAINT outages_functionalities CHECK (
        array_to_string(functionalities, '') ~ '^[A-Za-z]*$'
        AND length(array_to_string(functionalities, '')) = cardinality(functionalities)
        AND cardinality(functionalities) <= 52);
COMMENT ON COLUMN outages.functionalities IS 'Codes of CL168, a letter each; none: all that the systems serve.';

-- DG TAXUD keeps one record a functionality: of an outage that names them there is a key for each, of the others one for each system.
ALTER TABLE outage_unavailabilities
    ADD COLUMN functionality text NOT NULL DEFAULT '' CHECK (functionality ~ '^[A-Za-z]?$'),
    DROP CONSTRAINT outage_unavailabilities_pkey,
    ADD PRIMARY KEY (kind, affected_system, functionality, starts_at),
    ADD CONSTRAINT outage_unavailabilities_of_one CHECK ((affected_system = '') <> (functionality = ''));
COMMENT ON COLUMN outage_unavailabilities.affected_system IS 'Empty where the key is of a functionality.';
COMMENT ON COLUMN outage_unavailabilities.functionality IS 'Empty where the key is of a system.';
