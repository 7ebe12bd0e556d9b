DROP TABLE press_texts;
ALTER TABLE notice_deliveries DROP COLUMN review_until;
