DROP INDEX bookings_by_time;
DROP TABLE announcements;
DROP TABLE lane_predictions;
DROP TABLE prediction_runs;
