-- Members of Trembita (Resolution 1393, clause 23): a member is a proof of a system as a certificate is, told by the security
-- servers that the hub trusts; and what an exchange says of a read of personal data goes into the access log.

ALTER TABLE credentials DROP CONSTRAINT credentials_kind_check;
ALTER TABLE credentials ADD CONSTRAINT credentials_kind_check
    CHECK (kind IN ('token', 'certificate_fingerprint', 'certificate_subject', 'trembita_member'));
COMMENT ON COLUMN credentials.identifier IS
    'SHA-256 of the token or of the certificate (DER), lower-case hex; or the subject of the certificate; or the member of '
    'Trembita, INSTANCE/CLASS/CODE[/SUBSYSTEM], each part percent-encoded. Never the token.';

ALTER TABLE access_log
    ADD COLUMN member text CHECK (length(member) BETWEEN 1 AND 1000),
    ADD COLUMN exchange_id text CHECK (length(exchange_id) BETWEEN 1 AND 200),
    ADD COLUMN asked_by text CHECK (length(asked_by) BETWEEN 1 AND 200),
    ADD COLUMN subject text CHECK (length(subject) BETWEEN 1 AND 200),
    ADD CONSTRAINT access_log_of_an_exchange CHECK (member IS NOT NULL OR (exchange_id IS NULL AND asked_by IS NULL AND subject IS NULL));
COMMENT ON COLUMN access_log.member IS 'The member of Trembita that asked, when it came through a security server.';
COMMENT ON COLUMN access_log.exchange_id IS 'The id that the member gave its message.';
COMMENT ON COLUMN access_log.asked_by IS 'The person at whose wish it was asked, as the member tells it.';
COMMENT ON COLUMN access_log.subject IS 'The person whose data is asked for, as the member tells it.';
