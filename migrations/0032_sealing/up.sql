-- Evidence of exchanges (Resolution 1393, clause 23): what came and what went over the doors of Trembita and what was told by notices,
-- byte for byte; the signatures and time-stamps over it; the archives that it was packed into.

CREATE TABLE evidence_archives (
    number bigint PRIMARY KEY CHECK (number > 0),
    file_name text NOT NULL UNIQUE,
    last_digest text NOT NULL CHECK (last_digest ~ '^[0-9a-f]{128}$'),
    containers integer NOT NULL CHECK (containers > 0),
    bytes bigint NOT NULL CHECK (bytes > 0),
    made_at timestamptz NOT NULL,
    removed_at timestamptz CHECK (removed_at >= made_at)
);
COMMENT ON TABLE evidence_archives IS 'One row an archive, each chained to the one before by its last digest (SHA-512, hexadecimal).';
COMMENT ON COLUMN evidence_archives.removed_at IS 'When its file was removed because it was older than the settings keep.';

CREATE TABLE evidence_signatures (
    id uuid PRIMARY KEY,
    signed_at timestamptz NOT NULL,
    signatures bytea NOT NULL,
    chain_result bytea,
    stamp bytea,
    stamp_chain bytea,
    stamp_chain_result bytea,
    stamped_at timestamptz CHECK (stamped_at >= signed_at),
    CONSTRAINT evidence_signatures_stamp CHECK (
        (stamp IS NULL AND stamp_chain IS NULL AND stamp_chain_result IS NULL)
        OR (stamp IS NOT NULL AND stamp_chain IS NOT NULL AND stamp_chain_result IS NOT NULL AND stamped_at IS NOT NULL))
);
COMMENT ON COLUMN evidence_signatures.signatures IS 'META-INF/signatures.xml; a time-stamp of this signature alone stands within it.';
COMMENT ON COLUMN evidence_signatures.chain_result IS 'sig-hashchainresult.xml, when one signature covers many messages.';
COMMENT ON COLUMN evidence_signatures.stamp IS 'META-INF/timestamp.tst, when one time-stamp covers many signatures.';

CREATE INDEX evidence_signatures_to_stamp ON evidence_signatures (signed_at) WHERE stamped_at IS NULL;
COMMENT ON INDEX evidence_signatures_to_stamp IS 'What waits for a time-stamp, and since when.';

CREATE TABLE evidence_messages (
    id uuid PRIMARY KEY,
    exchange_id uuid NOT NULL,
    part text NOT NULL CHECK (part IN ('request', 'response', 'notice')),
    recorded_at timestamptz NOT NULL,
    query_id text NOT NULL CHECK (length(query_id) BETWEEN 1 AND 200),
    client text NOT NULL CHECK (length(client) BETWEEN 1 AND 1000),
    system_id uuid,
    message bytea NOT NULL,
    message_type text NOT NULL CHECK (length(message_type) BETWEEN 1 AND 200),
    attachment bytea,
    attachment_type text CHECK (length(attachment_type) BETWEEN 1 AND 200),
    message_digest bytea NOT NULL CHECK (length(message_digest) = 64),
    attachment_digest bytea CHECK (length(attachment_digest) = 64),
    signature_id uuid REFERENCES evidence_signatures,
    chain bytea,
    archive_number bigint REFERENCES evidence_archives,
    CONSTRAINT evidence_messages_once UNIQUE (exchange_id, part),
    CONSTRAINT evidence_messages_attachment CHECK (
        (attachment IS NULL) = (attachment_type IS NULL) AND (attachment IS NULL) = (attachment_digest IS NULL)),
    CONSTRAINT evidence_messages_sealed CHECK (signature_id IS NOT NULL OR (chain IS NULL AND archive_number IS NULL))
);
COMMENT ON COLUMN evidence_messages.exchange_id IS 'The hub''s own id of the request, or of the notice.';
COMMENT ON COLUMN evidence_messages.query_id IS 'The id that the client gave its message; the hub''s own where it gave none.';
COMMENT ON COLUMN evidence_messages.client IS 'The member of Trembita that asked; of a notice, its recipient.';
COMMENT ON COLUMN evidence_messages.system_id IS 'The system that the member was then; none when it was bound to none.';
COMMENT ON COLUMN evidence_messages.message IS 'message.xml as it came or went: SOAP, or the head of a message of HTTP.';
COMMENT ON COLUMN evidence_messages.attachment IS 'attachment1: the body of a message of HTTP, or the second part of one of SOAP.';
COMMENT ON COLUMN evidence_messages.message_digest IS 'SHA-512.';
COMMENT ON COLUMN evidence_messages.chain IS 'sig-hashchain.xml: the way from this message to the digest that is signed.';

CREATE INDEX evidence_messages_to_seal ON evidence_messages (recorded_at) WHERE signature_id IS NULL;
COMMENT ON INDEX evidence_messages_to_seal IS 'What waits for a signature, and since when.';

CREATE INDEX evidence_messages_to_archive ON evidence_messages (recorded_at, id) WHERE archive_number IS NULL;
COMMENT ON INDEX evidence_messages_to_archive IS 'What waits for an archive, in order.';

CREATE INDEX evidence_messages_by_query ON evidence_messages (query_id);
COMMENT ON INDEX evidence_messages_by_query IS 'A party of an exchange fetches its evidence.';

CREATE INDEX evidence_messages_by_signature ON evidence_messages (signature_id);
COMMENT ON INDEX evidence_messages_by_signature IS 'Whether a signature still covers a message that is kept.';

CREATE INDEX evidence_messages_by_time ON evidence_messages (recorded_at);
COMMENT ON INDEX evidence_messages_by_time IS 'What is past its time and removed.';
