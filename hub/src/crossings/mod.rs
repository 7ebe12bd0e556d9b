//! crossings.
