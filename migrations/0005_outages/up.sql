-- Outages of ETS and of the systems that it needs (Order 926, clause 16 of section III and clause 1 of section IV).

CREATE TABLE outages (
    id uuid PRIMARY KEY,
    version integer NOT NULL CHECK (version >= 1),
    kind text NOT NULL CHECK (kind IN ('planned', 'unplanned')),
    affected_systems text[] NOT NULL CHECK (
        cardinality(affected_systems) >= 1
        AND affected_systems <@ ARRAY['ets', 'guarantee_management', 'customs_information', 'declarant_link']),
    starts_at timestamptz NOT NULL CHECK (date_trunc('second', starts_at) = starts_at),
    expected_end_at timestamptz CHECK (expected_end_at > starts_at),
    recovered_at timestamptz CHECK (recovered_at > starts_at),
    cancelled_at timestamptz,
    fallback_allowed boolean NOT NULL,
    text_uk text NOT NULL CHECK (length(text_uk) BETWEEN 1 AND 2000),
    text_en text NOT NULL CHECK (length(text_en) BETWEEN 1 AND 2000),
    declared_by uuid NOT NULL REFERENCES systems (id),
    declared_at timestamptz NOT NULL,
    changed_at timestamptz NOT NULL CHECK (changed_at >= declared_at),
    idempotency_key text CHECK (length(idempotency_key) BETWEEN 1 AND 128),
    content_digest bytea NOT NULL CHECK (length(content_digest) = 32),
    CHECK (kind = 'unplanned' OR expected_end_at IS NOT NULL),
    CHECK (recovered_at IS NULL OR cancelled_at IS NULL)
);
COMMENT ON COLUMN outages.starts_at IS 'Whole seconds, as all moments that are told: CD070C carries no fraction of one.';
COMMENT ON COLUMN outages.idempotency_key IS 'The key that its declarer gave the declaration; the same again is the same outage.';
COMMENT ON COLUMN outages.content_digest IS 'SHA-256 of the declaration: tells the same again from another under the same key.';

CREATE UNIQUE INDEX outages_by_idempotency_key ON outages (declared_by, idempotency_key);
COMMENT ON INDEX outages_by_idempotency_key IS 'Recognises a declaration that is sent again.';

CREATE INDEX outages_open ON outages (id) WHERE recovered_at IS NULL AND cancelled_at IS NULL;
COMMENT ON INDEX outages_open IS 'The list of open outages, latest first.';

-- The unavailabilities that stand at DG TAXUD: one key, one record (R0518). A withdrawn outage holds none; a recovered one
-- keeps its own, because the record stays there with its end.
CREATE TABLE outage_unavailabilities (
    kind text NOT NULL,
    affected_system text NOT NULL,
    starts_at timestamptz NOT NULL,
    outage_id uuid NOT NULL REFERENCES outages (id),
    PRIMARY KEY (kind, affected_system, starts_at)
);

CREATE INDEX outage_unavailabilities_of_outage ON outage_unavailabilities (outage_id);
COMMENT ON INDEX outage_unavailabilities_of_outage IS 'Gives up the keys of an outage that is changed or withdrawn.';
