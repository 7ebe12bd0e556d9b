//! Everything that speaks another system's language.
