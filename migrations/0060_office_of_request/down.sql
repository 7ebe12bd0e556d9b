DROP INDEX permit_requests_of_customs;
ALTER TABLE permit_requests DROP COLUMN customs_edrpou;
