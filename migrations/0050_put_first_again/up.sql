-- A vehicle that was put first, missed its call and was put back to the live queue may be put first again (Resolution 1393, clauses 3
-- and 22). Whether its booking is in the priority queue now is decided under the lock of the checkpoint's journal; that it was there once says nothing.

DROP INDEX petitions_granted;
