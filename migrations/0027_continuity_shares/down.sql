DROP INDEX permit_uses_by_release;
DROP TABLE declaration_totals;
