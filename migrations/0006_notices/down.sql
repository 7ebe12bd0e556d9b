DROP TABLE delivery_attempts;
DROP TABLE notice_deliveries;
DROP TABLE notice_lanes;
DROP TABLE notices;
DROP TABLE notice_journal;
