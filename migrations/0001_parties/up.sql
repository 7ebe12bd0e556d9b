-- Who may speak to the hub: organisations, their systems, and what the systems prove themselves with.

CREATE TABLE organisations (
    id uuid PRIMARY KEY,
    edrpou text NOT NULL UNIQUE CHECK (edrpou ~ '^[0-9]{8}$'),
    name text NOT NULL CHECK (length(name) BETWEEN 1 AND 200),
    registered_at timestamptz NOT NULL
);

CREATE TABLE systems (
    id uuid PRIMARY KEY,
    organisation_id uuid NOT NULL REFERENCES organisations (id),
    name text NOT NULL CHECK (length(name) BETWEEN 1 AND 100),
    role text NOT NULL CHECK (role IN (
        'border_guard', 'customs', 'queue_operator', 'zone_operator', 'police', 'ministry',
        'support_line_1', 'support_line_2', 'support_line_3', 'departure_office', 'trader',
        'press_office', 'taxud', 'administrator')),
    checkpoints text[] CHECK (cardinality(checkpoints) > 0),
    zones text[] CHECK (cardinality(zones) > 0),
    registered_at timestamptz NOT NULL,
    UNIQUE (organisation_id, name)
);
COMMENT ON COLUMN systems.checkpoints IS 'The checkpoints that the system is limited to; null: all.';
COMMENT ON COLUMN systems.zones IS 'The waiting zones that the system is limited to; null: all.';

CREATE TABLE credentials (
    id uuid PRIMARY KEY,
    system_id uuid NOT NULL REFERENCES systems (id),
    kind text NOT NULL CHECK (kind IN ('token', 'certificate_fingerprint', 'certificate_subject')),
    identifier text NOT NULL CHECK (length(identifier) BETWEEN 1 AND 1000),
    issued_at timestamptz NOT NULL,
    expires_at timestamptz NOT NULL CHECK (expires_at > issued_at),
    revoked_at timestamptz
);
COMMENT ON COLUMN credentials.identifier IS
    'SHA-256 of the token or of the certificate (DER), lower-case hex; or the subject of the certificate. Never the token.';

CREATE UNIQUE INDEX credentials_in_use ON credentials (kind, identifier) WHERE revoked_at IS NULL;
COMMENT ON INDEX credentials_in_use IS 'Finds the system behind a token or certificate at each request; no two systems share one.';

CREATE INDEX credentials_of_system ON credentials (system_id);
COMMENT ON INDEX credentials_of_system IS 'Lists the credentials of a system (kordon party list).';
