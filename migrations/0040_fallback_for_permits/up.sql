-- Who raised the Fallback flag of an outage (Order 926, section IV): only what a permit raised falls with the last permit. Whether any permit had
-- ever raised it does not say so, since line 1 may have raised it again by itself.

ALTER TABLE outages ADD COLUMN fallback_for_permits boolean NOT NULL DEFAULT false;
COMMENT ON COLUMN outages.fallback_for_permits IS 'Whether the Fallback flag is up because a permit came into force, and line 1 has said nothing of it since.';

UPDATE outages SET fallback_for_permits = true
WHERE fallback_allowed AND EXISTS (
    SELECT FROM permit_requests WHERE permit_requests.outage_id = outages.id AND permit_requests.raised_fallback);
