-- Messages that their sender signs, for those who ask without a security server (Resolution 1393, clause 23): whether a system signs,
-- the certificates that a signature names, and what was received already.

ALTER TABLE systems ADD COLUMN signatures text NOT NULL DEFAULT 'none'
    CHECK (signatures IN ('none', 'optional', 'required'));
COMMENT ON COLUMN systems.signatures IS
    'Whether the system signs its messages: it is not taken at its signature, may sign, or is taken at nothing else.';

ALTER TABLE credentials ADD COLUMN certificate bytea
    CHECK (certificate IS NULL OR (kind = 'certificate_fingerprint' AND length(certificate) BETWEEN 1 AND 32768));
COMMENT ON COLUMN credentials.certificate IS
    'The certificate itself (DER), so that a signature can be verified that names it by its fingerprint.';

CREATE TABLE signed_messages (
    digest bytea PRIMARY KEY CHECK (length(digest) = 32),
    known_until timestamptz NOT NULL
);
COMMENT ON TABLE signed_messages IS
    'Messages whose signature held, each until it would be refused for its age: none is taken twice, whichever hub it comes to.';
COMMENT ON COLUMN signed_messages.digest IS 'SHA-256 over the key and what it signed.';

CREATE INDEX signed_messages_to_forget ON signed_messages (known_until);
COMMENT ON INDEX signed_messages_to_forget IS 'Finds those that need not be known any more (forget_signed_messages).';
