ALTER TABLE systems DROP CONSTRAINT systems_zone_operator_has_zones;
DROP TABLE booking_secrets;
