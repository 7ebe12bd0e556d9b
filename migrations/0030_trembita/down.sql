ALTER TABLE access_log
    DROP CONSTRAINT access_log_of_an_exchange,
    DROP COLUMN subject,
    DROP COLUMN asked_by,
    DROP COLUMN exchange_id,
    DROP COLUMN member;

DELETE FROM credentials WHERE kind = 'trembita_member';
ALTER TABLE credentials DROP CONSTRAINT credentials_kind_check;
ALTER TABLE credentials ADD CONSTRAINT credentials_kind_check
    CHECK (kind IN ('token', 'certificate_fingerprint', 'certificate_subject'));
COMMENT ON COLUMN credentials.identifier IS
    'SHA-256 of the token or of the certificate (DER), lower-case hex; or the subject of the certificate. Never the token.';
