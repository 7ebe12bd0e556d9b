-- A predicted entry is judged by the turn of its vehicle. One that was in no zone when its turn came enters hours or days later, which says
-- nothing of what it was told (Resolution 1393, clause 13).

ALTER TABLE announcements ADD COLUMN turn_came_at timestamptz;
COMMENT ON COLUMN announcements.turn_came_at IS
    'When the turn of its vehicle came while it was in no waiting zone: what it was told until then is judged by this.';
