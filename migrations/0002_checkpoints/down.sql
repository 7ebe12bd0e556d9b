DROP TABLE checkpoints;
DROP TABLE customs_offices;
DROP TABLE reference_editions;
