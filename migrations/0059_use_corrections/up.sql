-- The number or the day of release of a use may have been reported wrongly: what is corrected stays visible
-- (Order 926, section IV, clause 8).

CREATE TABLE permit_use_corrections (
    request_id uuid NOT NULL REFERENCES permit_requests (id),
    number integer NOT NULL CHECK (number >= 1),
    registration_number_before text NOT NULL,
    released_on_before date NOT NULL,
    registration_number text NOT NULL,
    released_on date NOT NULL,
    reason text NOT NULL CHECK (length(reason) BETWEEN 1 AND 2000),
    corrected_by uuid NOT NULL REFERENCES systems (id),
    corrected_at timestamptz NOT NULL,
    PRIMARY KEY (request_id, number),
    CHECK ((registration_number, released_on) <> (registration_number_before, released_on_before))
);
