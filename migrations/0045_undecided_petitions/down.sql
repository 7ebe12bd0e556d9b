DROP INDEX petitions_undecided;
