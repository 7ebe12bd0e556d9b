ALTER TABLE outages DROP COLUMN fallback_for_permits;
