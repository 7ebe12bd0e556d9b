DROP TABLE outage_unavailabilities;
DROP TABLE outages;
