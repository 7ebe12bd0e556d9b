DROP FUNCTION fact_after;
