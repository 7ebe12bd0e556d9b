-- Documents that systems hand in as XML (Resolution 1393, clause 23): what came, byte for byte, what became of it, and what was said of it.

CREATE TABLE exchange_inboxes (
    system_id uuid PRIMARY KEY REFERENCES systems (id),
    last_position bigint NOT NULL CHECK (last_position > 0)
);
COMMENT ON TABLE exchange_inboxes IS
    'Where the inbox of a system stands. Its row is locked while a position is drawn, so positions are in the order of commits.';

CREATE TABLE exchange_documents (
    system_id uuid NOT NULL REFERENCES systems (id),
    document_id text NOT NULL CHECK (document_id ~ '^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$'),
    position bigint NOT NULL CHECK (position > 0),
    kind text NOT NULL CHECK (kind IN ('checkpoint_events', 'permit_report', 'withdrawal')),
    digest bytea NOT NULL CHECK (length(digest) = 32),
    content bytea NOT NULL CHECK (length(content) BETWEEN 1 AND 2097152),
    charset text CHECK (length(charset) BETWEEN 1 AND 40),
    signed_by text CHECK (signed_by ~ '^[0-9a-f]{64}$'),
    signed_at timestamptz,
    created_at timestamptz NOT NULL,
    received_at timestamptz NOT NULL,
    outcome text NOT NULL CHECK (outcome IN ('accepted', 'accepted_in_part', 'refused')),
    acknowledgement jsonb NOT NULL,
    acknowledged_as bytea CHECK (length(acknowledged_as) > 0),
    PRIMARY KEY (system_id, document_id),
    CONSTRAINT exchange_documents_in_order UNIQUE (system_id, position),
    CONSTRAINT exchange_documents_signature CHECK ((signed_by IS NULL) = (signed_at IS NULL))
);
COMMENT ON TABLE exchange_documents IS
    'One row a document, written in the transaction of its effect. The id of a system stands for the same bytes for ever.';
COMMENT ON COLUMN exchange_documents.digest IS 'SHA-256 of the content.';
COMMENT ON COLUMN exchange_documents.charset IS 'The charset that its Content-Type named, if it named one.';
COMMENT ON COLUMN exchange_documents.signed_by IS 'SHA-256 of the certificate whose signature over the document held (DER), lower-case hex.';
COMMENT ON COLUMN exchange_documents.created_at IS 'When it was made, as it says.';
COMMENT ON COLUMN exchange_documents.acknowledgement IS 'What became of it, as it is told.';
COMMENT ON COLUMN exchange_documents.acknowledged_as IS
    'The acknowledgement as it was first given out, signed if a key could sign; null until then. Whoever asks again gets these very bytes.';
COMMENT ON INDEX exchange_documents_pkey IS 'Finds what became of a document, and whether it came before.';
COMMENT ON INDEX exchange_documents_in_order IS 'Lists the acknowledgements of a system from a position on.';
