-- Whoever decides petitions asks again and again for those that nobody decided (Resolution 1393, clause 11).

CREATE INDEX petitions_undecided ON petitions (checkpoint, position) WHERE outcome IS NULL;
COMMENT ON INDEX petitions_undecided IS 'The petitions of a checkpoint that wait for a decision.';
