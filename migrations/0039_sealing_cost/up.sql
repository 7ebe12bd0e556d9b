-- A message of the evidence is written three times: when it is exchanged, when it is sealed and when it is archived. Each time every index
-- that it belongs to is written too, and what is longer than a page allows is compressed. So it belongs to an index only while somebody
-- looks for it there, and is compressed by the faster method where the server has that (Resolution 1393, clause 23).

DROP INDEX evidence_messages_to_archive;
CREATE INDEX evidence_messages_to_archive ON evidence_messages (recorded_at, id)
    WHERE archive_number IS NULL AND signature_id IS NOT NULL;
COMMENT ON INDEX evidence_messages_to_archive IS 'What is sealed and waits for an archive, in order.';

DROP INDEX evidence_messages_by_signature;
CREATE INDEX evidence_messages_by_signature ON evidence_messages (signature_id) WHERE signature_id IS NOT NULL;
COMMENT ON INDEX evidence_messages_by_signature IS 'Whether a signature still covers a message that is kept.';

DROP INDEX evidence_messages_by_time;
CREATE INDEX evidence_messages_by_time ON evidence_messages (recorded_at) WHERE archive_number IS NOT NULL;
COMMENT ON INDEX evidence_messages_by_time IS 'What is archived, past its time and removed.';

DO $$
BEGIN
    IF EXISTS (SELECT FROM pg_settings WHERE name = 'default_toast_compression' AND 'lz4' = ANY (enumvals)) THEN
        ALTER TABLE evidence_messages
            ALTER COLUMN message SET COMPRESSION lz4,
            ALTER COLUMN attachment SET COMPRESSION lz4,
            ALTER COLUMN chain SET COMPRESSION lz4;
        ALTER TABLE evidence_signatures
            ALTER COLUMN signatures SET COMPRESSION lz4,
            ALTER COLUMN chain_result SET COMPRESSION lz4,
            ALTER COLUMN stamp_chain SET COMPRESSION lz4,
            ALTER COLUMN stamp_chain_result SET COMPRESSION lz4;
    END IF;
END
$$;
