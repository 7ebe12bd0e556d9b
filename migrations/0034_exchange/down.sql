DROP TABLE exchange_documents;
DROP TABLE exchange_inboxes;
