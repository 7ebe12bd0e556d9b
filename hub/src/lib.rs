//! The rules and the records of the hub: one module a concept.
