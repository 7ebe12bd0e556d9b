ALTER TABLE announcements DROP COLUMN turn_came_at;
