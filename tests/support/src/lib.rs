//! A real PostgreSQL, a real hub and real peers for the tests.
